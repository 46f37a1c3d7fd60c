"""Runs a command and writes what it and all that it waited for have used, as JSON, to descriptor 3.

Node tells of its own children neither CPU time nor peak memory; wait4(2) does.
"""

import json
import os
import sys
import time

command = sys.argv[1:]
started = time.monotonic()
child = os.fork()
if child == 0:
    os.close(3)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        os._exit(127)
_, status, usage = os.wait4(child, 0)
seconds = time.monotonic() - started
with os.fdopen(3, "w") as report:
    json.dump(
        {
            "exitCode": os.waitstatus_to_exitcode(status),
            "wallSeconds": seconds,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * 1024,
        },
        report,
    )
