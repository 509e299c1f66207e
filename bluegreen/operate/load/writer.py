"""Who takes the payments while a load runs: the ledger's row, read past its functions."""

import time

import pymysql
from embedded_aws import LocalAws

from bluegreen.operate.databases import local
from bluegreen.operate.load.tally import Tally
from lambda_src.contract.values import Colour

ROW = "SELECT epoch, writer, state FROM payments.ledger_epoch WHERE id = 1"
BEFORE_SECONDS = 1.0  # a move may have begun before the last look


class WriterWatch:
    """Tells a tally of each move, one look after it has seen it: the pause ends with a payment."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._writer: str | None = None
        self._looked = time.time()
        self._seen: list[tuple[str, int, float]] = []

    def look(self, tally: Tally) -> None:
        """Called every second or so, and once when the load has ended."""
        for move in self._seen:
            tally.moved(*move)
        self._seen.clear()
        found = max((row for colour in Colour for row in self._row(colour)), default=None)
        if found is None or found[2] != "open":
            return  # the next look has it, and all of the pause
        epoch, writer, _ = found
        if self._writer not in {None, writer}:
            self._seen.append((str(writer), epoch, self._looked - BEFORE_SECONDS))
        self._writer, self._looked = writer, time.time()

    def _row(self, colour: Colour) -> list[tuple[int, str, str]]:
        try:
            return [(int(e), str(w), str(s)) for e, w, s in local.server(self._aws, colour).ask(ROW)]
        except (pymysql.MySQLError, OSError):
            return []
