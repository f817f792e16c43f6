"""Folders as Celery broker, for one machine without Redis."""

from pathlib import Path


def broker_options(var: Path) -> dict[str, str]:
    """Celery's broker_transport_options; makes the folders, readable by their owner only."""
    home = var / "broker"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    queue, control = home / "queue", home / "control"
    queue.mkdir(exist_ok=True)
    control.mkdir(exist_ok=True)
    return {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
    }
