"""What may go wrong, drawn from the seed: each fault strikes, says so, and tells its SIGKILLs."""

import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from celery import Celery
from django.db import connection

from config.drill import stage
from config.drill.cast import BEATS, CRASH_ORDER, DESKS, WEB, WORKERS, Cast
from config.drill.filing import Filing
from config.drill.queue import Queue
from config.drill.striking import Kind, Striking
from config.drill.watching import Watch
from config.embedded.addresses import Place, broker_url

BELLS = 5
IN_A_RUN_SECONDS = 0.8
CRASH_SECONDS = 4.0
# A stopped worker must outlive its lease (30 s) for its late write to be refused.
ZOMBIE_SECONDS = 36.0
SHORT_ZOMBIE_SECONDS = 6.0
CLOCKS = (86_400, -86_400, 3_600, -3_600)
CRASH_POINTS = (
    *("adjudicate.before_save", "adjudicate.after_save", "approve.before_move"),
    *("approve.after_move", "post.before_entries", "post.after_entries", "outbox.after_lease"),
    *("outbox.before_handler", "outbox.before_commit", "freeze.before_orders"),
    *("freeze.after_orders", "approve.batch", "export.after_file", "export.after_send"),
    *("answer.after_paid", "answer.after_returned"),
)


@dataclass
class Faults(Striking):
    """The faults of one drill: each kind once, then by weight. `kills` counts SIGKILLs of any kind."""

    place: Place
    cast: Cast
    filing: Filing
    queue: Queue
    watch: Watch
    draw: Random
    full_disk: bool
    long: bool
    counts: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    _zombie: threading.Timer | None = None
    _wrong_clocks: set[str] = field(default_factory=set)
    _first_round: list[Kind] = field(default_factory=list)

    @property
    def _crash_order(self) -> Path:
        return self.place.checkout / CRASH_ORDER

    @property
    def _all(self) -> list[Kind]:
        return [
            ("worker child killed", self._child, 34),
            ("whole worker killed", self._worker, 14),
            ("killed in a run", self._in_a_run, 5),
            ("web child killed", self._web_child, 6),
            ("web server killed", self._web, 2),
            ("desk killed", self._desk, 6),
            ("scheduler killed", self._beat, 2),
            ("PostgreSQL killed", self._postgres, 8),
            ("broker killed and emptied", self._broker, 6),
            ("crash at a point", self._crash, 16),
            ("zombie", self._stop_and_continue, 3),
            ("clock moved", self._clock, 4),
            ("duplicate requests", self._again, 6),
            ("bells doubled and late", self._bells, 6),
            *([("disk of the WAL full", self._full, 2)] if self.full_disk else []),
        ]

    def end(self) -> None:
        """No more faults: what was stopped goes on, clocks are right, no crash waits."""
        self._crash_order.unlink(missing_ok=True)
        if self._zombie is not None:
            self._zombie.cancel()
            self._zombie.function()
        for name in self._wrong_clocks:
            self.cast.move_clock(name, 0)
            self.cast.signal(name, signal.SIGTERM)

    def _killed(self, told: str, alive: bool = True) -> str:
        self.kills += alive
        self.watch.cut(told)
        return told

    def _child(self) -> str:
        name = self.draw.choice(WORKERS)
        return self._killed(name, self.cast.kill_child(name, self.draw))

    def _worker(self) -> str:
        name = self.draw.choice(WORKERS)
        return self._killed(name, self.cast.kill(name))

    def _in_a_run(self) -> str:
        """Start a run over a full queue and kill a worker while it is under way."""
        started = self.queue.run(self.draw)
        connection.close()
        time.sleep(self.draw.uniform(0, IN_A_RUN_SECONDS))
        told = self._worker() if self.draw.randrange(2) else self._child()
        return f"{told}, {'in a new run' if started else 'a run was under way'}"

    def _web_child(self) -> str:
        return self._killed(WEB, self.cast.kill_child(WEB, self.draw))

    def _web(self) -> str:
        return self._killed(WEB, self.cast.kill(WEB))

    def _desk(self) -> str:
        name = self.draw.choice(DESKS)
        return self._killed(name, self.cast.kill(name))

    def _beat(self) -> str:
        name = self.draw.choice(BEATS)
        return self._killed(name, self.cast.kill(name))

    def _postgres(self) -> str:
        stage.kill_postgres(self.place)
        stage.start_postgres(self.place)
        return self._killed("every process of it, started again")

    def _broker(self) -> str:
        stage.empty_valkey(self.place)
        return self._killed("nothing it held is left")

    def _full(self) -> str:
        stopped = stage.fill_wal(self.place)
        stage.free_wal(self.place)
        stage.start_postgres(self.place)
        self.watch.cut("full disk")
        return "the server stopped, then had space again" if stopped else "the server went on"

    def _crash(self) -> str:
        """Ask for a crash, and wait until a process obeyed; take the order back if none comes by."""
        point = self.draw.choice(CRASH_POINTS)
        self._crash_order.write_text(f"{point}:{self.draw.randrange(1, 4)}")
        end = time.monotonic() + CRASH_SECONDS
        while self._crash_order.exists() and time.monotonic() < end:
            self.cast.tend()
            time.sleep(0.05)
        try:
            self._crash_order.unlink()
        except FileNotFoundError:
            return self._killed(point)
        return f"{point}: nobody came by"

    def _stop_and_continue(self) -> str:
        if self._zombie is not None and self._zombie.is_alive():
            return "one walks already"
        name = self.draw.choice(WORKERS)
        seconds = ZOMBIE_SECONDS if self.long else SHORT_ZOMBIE_SECONDS
        wake = self.cast.signal(name, signal.SIGSTOP)
        self._zombie = threading.Timer(seconds, wake)
        self._zombie.daemon = True
        self._zombie.start()
        self.watch.cut("zombie")
        return f"{name} stands still for {seconds:.0f} s"

    def _clock(self) -> str:
        name, seconds = self.draw.choice(WORKERS), self.draw.choice(CLOCKS)
        self._wrong_clocks.add(name)
        self.cast.move_clock(name, seconds)
        return self._killed(f"{name} lives {seconds:+d} s from now", self.cast.kill(name))

    def _again(self) -> str:
        return "same answer" if self.filing.send_again(BELLS) else "ANOTHER ANSWER"

    def _bells(self) -> str:
        app = Celery(broker=broker_url(self.place))
        try:
            for late in (0, 0, 0, 0, 0, 2, 5, 1, 4, 3):
                app.send_task("core.tasks.relay", countdown=late, retry=False)
        except app.connection_for_write().connection_errors:
            return "the broker was not there"
        finally:
            app.close()
        return "ten, half of them late and in another order"
