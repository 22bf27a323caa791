// The last part of each page: reads the data and starts what the page is for.

addEventListener("error", (event) => { document.documentElement.dataset.failed = event.message; });
const began = performance.now();
start(JSON.parse(byId("data").textContent));
document.documentElement.dataset.ready = String(Math.round(performance.now() - began));
