"""What every page's frame shows: the menu, the badges, the contacts meter.

All of it is lazy: a fragment, an admin page or an error page that draws none of it asks
the database nothing.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from accounts import roles
from accounts.viewer import Viewer
from credits.models import Grant
from messaging.conversations import inbox
from messaging.conversations.inbox import Capped, Counts


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html. Needs no viewer: the sign-in and error pages have none."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        return {}
    made = Frame(viewer, request.path)
    return {
        "menu": SimpleLazyObject(made.menu),
        "menu_action": {
            "label": "Add candidate",
            "url": reverse("candidate-new"),
            "icon": "plus",
            "key": "c",
        },
        "meter": SimpleLazyObject(made.meter),
        "person": made.person(),
        "handsets_url": settings.HANDSETS_URL,
        "unread": SimpleLazyObject(lambda: _shown(made.counts.unread)),
        "theme": viewer.user.theme,
        # Events since this moment are repeated when the page opens its stream.
        "live_url": f"{reverse('live')}?since={time.time_ns() // 1_000_000}",
    }


@dataclass
class Frame:
    """One request's frame."""

    viewer: Viewer
    path: str
    _counts: Counts | None = None

    @property
    def counts(self) -> Counts:
        if self._counts is None:
            self._counts = inbox.counts(self.viewer)
        return self._counts

    def person(self) -> dict[str, str]:
        user = self.viewer.user
        return {
            "name": user.name,
            "role": roles.LABELS[user.role],
            "initials": (user.first_name[:1] + user.last_name[:1]).upper(),
            "email": user.email,
        }

    def menu(self) -> list[dict[str, Any]]:
        """UX section 2. What a role may not use, or what does not exist, is absent."""
        groups = [
            {"label": "Work", "entries": [*self._work()]},
            {"label": "Results", "entries": [*self._results()]},
            {"label": "Manage", "entries": [*self._manage()]},
        ]
        return [group for group in groups if group["entries"]]

    def _work(self) -> Any:
        yield self._entry("Dashboard", "dashboard", "dashboard", "g d", on_bar=False)
        if self.viewer.can("use_inbox"):
            yield self._inbox()
        if self.viewer.can("see_everyone"):
            yield self._team()
        if self.viewer.can("use_candidates"):
            yield self._entry("Candidates", "candidates", "candidates", "g c", on_bar=True)

    def _results(self) -> Any:
        if self.viewer.can("read_reports"):
            try:
                yield self._entry("Reports", "reports", "reports", "g r", on_bar=True)
            except NoReverseMatch:
                return

    def _manage(self) -> Any:
        if self.viewer.can("enter_admin"):
            yield self._entry("Admin", "admin:index", "admin", "g n", on_bar=False)

    def _inbox(self) -> dict[str, Any]:
        folders = [folder for folder in inbox.FOLDERS.values() if not folder.of_team]
        entry = self._entry("My Inbox", "inbox", "inbox", "g i", "needs-reply", on_bar=True)
        is_here = any(self.path.startswith(self._folder_url(each.code)) for each in folders)
        shown = [self._folder(each) for each in folders] if is_here else []
        return entry | {
            "is_current": is_here,
            "badge": _shown(self.counts.needs_reply),
            "badge_label": "need a reply",
            "badge_tone": "accent",
            "folders": shown,
        }

    def _team(self) -> dict[str, Any]:
        folders = [folder for folder in inbox.FOLDERS.values() if folder.of_team]
        entry = self._entry("Team Inbox", "inbox", "team", "g t", "everyone", on_bar=False)
        is_here = any(self.path.startswith(self._folder_url(each.code)) for each in folders)
        return entry | {
            "is_current": is_here,
            "badge": _shown(self.counts.nobody),
            "badge_label": "of nobody need a reply",
            "folders": [self._folder(each) for each in folders] if is_here else [],
        }

    def _folder(self, folder: inbox.Folder) -> dict[str, Any]:
        count, label, tone = Capped(0), "", ""
        match folder.code:
            case "needs-reply":
                count, label, tone = self.counts.needs_reply, "need a reply", "accent"
            case "nobody":
                count, label = self.counts.nobody, "of nobody need a reply"
            case "not-sent":
                count, label, tone = inbox.how_many(self.viewer, folder.code), "not sent", "stop"
        url = self._folder_url(folder.code)
        return {
            "label": folder.label,
            "url": url,
            "badge": _shown(count),
            "badge_label": label,
            "badge_tone": tone,
            "is_current": self.path.startswith(url),
        }

    def _folder_url(self, code: str) -> str:
        return reverse("inbox", args=[code])

    def _entry(
        self, label: str, name: str, icon: str, key: str, *args: str, on_bar: bool
    ) -> dict[str, Any]:
        url = reverse(name, args=args)
        is_current = self.path == url if url == "/" else self.path.startswith(url)
        return {
            "label": label,
            "url": url,
            "icon": icon,
            "key": key,
            "is_current": is_current,
            "on_bar": on_bar,
        }

    def meter(self) -> dict[str, Any]:
        """ "412 of 2,000 contacts left"."""
        found = Grant.objects.filter(customer=self.viewer.customer).open()
        sums = found.order_by().aggregate(left=Sum("remaining"), total=Sum("amount"))
        left, total = int(sums["left"] or 0), int(sums["total"] or 0)
        percent = min(100, left * 100 // total) if total else 0
        tone = "stop" if not left else "wait" if percent < 10 else ""
        label = f"{left:,} of {total:,} contacts left" if total else "No contacts left"
        return {"label": label, "percent": percent, "tone": tone}


def _shown(count: Capped) -> str:
    """A badge's figure; empty for none."""
    return str(count) if count else ""
