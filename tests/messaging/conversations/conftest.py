import pytest


@pytest.fixture(autouse=True)
def in_view(sound: None, everyone: None) -> None:
    """Every customer in view, as the pump has it, and every invariant looked at in the end."""
