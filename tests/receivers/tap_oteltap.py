"""oteltap as a receiver that takes HTTP with protobuf and nothing else: no compression, no JSON."""

import asyncio
import contextlib
import threading

import process
from program import REFUSED

WHEELS = ("oteltap==1.0.0", "opentelemetry-proto==1.45.2")


def version(_keep):
    return ", ".join(WHEELS)


class Tap:
    """A running oteltap, which hands out bare spans, log records and metrics."""

    def __init__(self, port):
        self.http = f"http://127.0.0.1:{port}"
        self.found = {"traces": [], "metrics": [], "logs": []}

    async def follow(self, receiver, is_open):
        async def keep(stream, kept):
            async for message in stream:
                kept.append(message)

        streams = {"traces": receiver.stream_traces(), "metrics": receiver.stream_metrics(),
                   "logs": receiver.stream_logs()}
        tasks = [asyncio.ensure_future(keep(stream, self.found[signal])) for signal, stream in streams.items()]
        # Each stream has to listen before the first message comes.
        await asyncio.sleep(0.2)
        is_open.set()
        await asyncio.gather(*tasks)

    def quiet(self, expected):
        """What has arrived, once nothing more comes."""
        import items

        for signal, wanted in expected.items():
            process.wait_until_quiet(lambda: len(self.found[signal]), min(1, len(wanted)))
        return {signal: items.of_messages(signal, list(self.found[signal])) for signal in self.found}


@contextlib.contextmanager
def start():
    """Starts oteltap in a thread of this process."""
    from oteltap import OtelTapHttpProtobufReceiver, OtelTapHttpProtobufReceiverSettings

    port = process.free_port()
    tap, loop = Tap(port), asyncio.new_event_loop()
    is_open = threading.Event()

    async def serve():
        async with OtelTapHttpProtobufReceiver(OtelTapHttpProtobufReceiverSettings(http_port=port)) as receiver:
            with contextlib.suppress(asyncio.CancelledError):
                await tap.follow(receiver, is_open)

    task = loop.create_task(serve())
    thread = threading.Thread(target=lambda: loop.run_until_complete(task), daemon=True)
    thread.start()
    process.wait_for("oteltap", is_open.is_set)
    try:
        yield tap
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(15)


def check(program, scratch):
    """Everything arrives as it is; what it does not take is refused, and the message says why."""
    import items

    expected = items.from_files(program.files(scratch, "--metrics", "historical"))
    expected = {signal: items.without_place(found) for signal, found in expected.items()}
    is_right = True
    for found in expected.values():
        items.check_the_comparison(found)
    with start() as tap:
        for options in (("--compression", "gzip"), ("--protocol", "http/json")):
            done = program.backfill(scratch, "--metrics", "historical", "--endpoint", tap.http, *options)
            said = next((line for line in done.stdout.splitlines() if "HTTP 4" in line), done.stderr).strip()
            is_refused = done.returncode == REFUSED and "--compression none" in said
            print(f"{' '.join(options):<28}refused, exit code {done.returncode}: {said}")
            is_right = is_right and is_refused and not any(tap.found.values())
        done = program.backfill(scratch, "--metrics", "historical", "--endpoint", tap.http)
        is_right = is_right and not done.returncode
        found = tap.quiet(expected)
    for signal, wanted in expected.items():
        missing, unknown = items.differences(wanted, found[signal])
        print(f"{signal:<10}{sum(wanted.values()):>8} items, {missing} missing, {unknown} unknown")
        is_right = is_right and not missing and not unknown
    return is_right
