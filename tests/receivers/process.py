"""Starting and stopping a receiver, and waiting for it."""

import contextlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

# Seconds that a start may take before the comparison gives up.
PATIENCE = 120
# Seconds without a new span after which everything is there, and after which nothing more will come.
SETTLED = 3
STALLED = 30


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, log, environment):
    """Runs a program while the block runs; its output goes to a file."""
    with open(log, "wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT,
                                   env=environment)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(what, is_there, process=None):
    """Waits until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not is_there():
        if process is not None and process.poll() is not None:
            raise SystemExit(f"{what}: the receiver ended with {process.returncode}; see its log")
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {PATIENCE} s")
        time.sleep(0.2)


def wait_until_quiet(count, at_least):
    """Waits until a count stands still; what is still short of what is expected gets longer to come."""
    last, still_since = count(), time.monotonic()
    while time.monotonic() - still_since < (SETTLED if last >= at_least else STALLED):
        time.sleep(0.25)
        now = count()
        if now != last:
            last, still_since = now, time.monotonic()


def listens(port):
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url):
    """Whether an address answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
