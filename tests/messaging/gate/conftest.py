import pytest


@pytest.fixture(autouse=True)
def in_view(everyone: None) -> None:
    """The pump asks the gate across customers."""
