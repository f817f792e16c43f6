"""What is asked of a report in its address: timeframe, filters, and where a page begins."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from accounts.web import paging
from reporting import timeframes
from reporting.base import Chosen, Cursor, Report
from reporting.timeframes import CUSTOM, FIRST_POSSIBLE, LAST_30, LAST_POSSIBLE, TITLES, Timeframe


class Day(forms.DateInput):
    input_type = "date"


class AskedForm(forms.Form):
    """Valid without any field: Last 30 Days, no filter, the newest rows."""

    timeframe = forms.ChoiceField(choices=list(TITLES.items()), required=False)
    first = forms.DateField(label="First day", required=False, widget=Day(format="%Y-%m-%d"))
    last = forms.DateField(label="Last day", required=False, widget=Day(format="%Y-%m-%d"))
    after = forms.CharField(required=False, widget=forms.HiddenInput, max_length=80)

    def __init__(self, data: QueryDict, *, report: Report, zone: ZoneInfo, now: datetime) -> None:
        # Filled in, so that the menus show what holds.
        filled = data.copy()
        filled.setdefault("timeframe", LAST_30)
        super().__init__(filled)
        self.report, self.zone, self.now = report, zone, now
        for filter in report.filters:
            options = [(option.code, option.label) for option in filter.options]
            self.fields[filter.code] = forms.ChoiceField(
                label=filter.title, choices=[("", "All"), *options], required=False
            )

    def clean_first(self) -> Any:
        return self._possible("first")

    def clean_last(self) -> Any:
        return self._possible("last")

    def clean_after(self) -> Cursor | None:
        return paging.read(self.cleaned_data["after"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("timeframe") == CUSTOM and not self.errors:
            self._check_days(cleaned["first"], cleaned["last"])
        return cleaned

    @property
    def frame(self) -> Timeframe:
        """The timeframe asked for. Of a valid form only."""
        asked = self.cleaned_data
        if asked["timeframe"] == CUSTOM:
            return timeframes.between(asked["first"], asked["last"], self.zone)
        return timeframes.named(asked["timeframe"] or LAST_30, self.zone, self.now)

    @property
    def chosen(self) -> Chosen:
        """The filters asked for. Of a valid form only."""
        codes = [filter.code for filter in self.report.filters]
        return {code: self.cleaned_data[code] for code in codes if self.cleaned_data[code]}

    @property
    def params(self) -> dict[str, str]:
        """The timeframe as an address carries it. Of a valid form only."""
        asked = self.cleaned_data
        if asked["timeframe"] == CUSTOM:
            days = {"first": asked["first"].isoformat(), "last": asked["last"].isoformat()}
            return {"timeframe": CUSTOM} | days
        return {"timeframe": asked["timeframe"] or LAST_30}

    def _possible(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day and not FIRST_POSSIBLE <= day <= LAST_POSSIBLE:
            raise forms.ValidationError("Choose a day between 2000 and 2199.")
        return day

    def _check_days(self, first: Any, last: Any) -> None:
        for name, day in (("first", first), ("last", last)):
            if day is None:
                self.add_error(name, "A custom timeframe needs both days.")
        if first and last and last < first:
            self.add_error("last", "The last day is before the first.")
        if first and first > self.now.astimezone(self.zone).date():
            self.add_error("first", "This day is still to come.")


class GenerateForm(forms.Form):
    """The id that a page gave its file, so that a double click asks once."""

    id = forms.UUIDField(widget=forms.HiddenInput)
