"""One worker exactly as the product starts it: nothing wrapped, the machine's own clock."""

from textengage import celery


def main(words: list[str]) -> None:
    pool = ["--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING"]
    celery.app.worker_main(["--quiet", "worker", *pool, "-n", "proof", *words])
