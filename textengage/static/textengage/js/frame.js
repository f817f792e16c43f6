// The frame: sidebar and panel toggles, menus, dialogs, notices, focus after a swap.

const NOTICE_MS = 8_000;
const YEAR_S = 31_536_000;

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const pressed = (selector) => event.target.closest(selector);
  if (pressed("[data-toggle-sidebar]")) toggleSidebar();
  if (pressed("[data-toggle-panel]")) togglePanel();
  const opener = pressed("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  if (pressed("[data-dismiss]")) pressed(".notice")?.remove();
  if (pressed("[data-print]")) print();
  closeMenus((menu) => !menu.contains(event.target));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  const panes = document.querySelector('.panes[data-side="open"]');
  if (menu) {
    menu.querySelector("summary").focus();
    closeMenus(() => true);
  } else if (panes && matchMedia("(max-width: 1359.98px)").matches) {
    togglePanel();
  }
});

function closeMenus(isClosed) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (isClosed(menu)) menu.open = false;
  }
}

// The server reads the cookie, so that the next page does not jump.
function toggleSidebar() {
  const root = document.documentElement;
  const isCollapsed = root.dataset.sidebar !== "collapsed";
  if (isCollapsed) root.dataset.sidebar = "collapsed";
  else delete root.dataset.sidebar;
  const value = isCollapsed ? "collapsed" : "open";
  document.cookie = `sidebar=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}

// Wide pages show the panel unless closed; narrow ones hide it unless opened.
function togglePanel() {
  const panes = document.querySelector(".panes");
  if (!panes) return;
  const isNarrow = matchMedia("(max-width: 1359.98px)").matches;
  const isOpen = isNarrow ? panes.dataset.side === "open" : panes.dataset.side !== "closed";
  panes.dataset.side = isOpen ? "closed" : "open";
  for (const button of document.querySelectorAll("[data-toggle-panel]")) {
    button.setAttribute("aria-expanded", String(!isOpen));
  }
  if (!isOpen && isNarrow) panes.querySelector(".pane-panel")?.focus();
}

/* Notices leave after 8 s, unless they warn, or are pointed at or hold the focus. */

function letGo(notice) {
  if (notice.matches(":hover, :focus-within")) setTimeout(letGo, NOTICE_MS, notice);
  else notice.remove();
}

function watch(notice) {
  if (!notice.hasAttribute("data-stays")) setTimeout(letGo, NOTICE_MS, notice);
}

const notices = document.getElementById("notices");
if (notices) {
  notices.querySelectorAll(".notice").forEach(watch);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node instanceof Element && node.matches(".notice")) watch(node);
      }
    }
  }).observe(notices, { childList: true });
}

/* Focus: htmx keeps it where an id survives the swap; otherwise it falls to the main part
   instead of the top of the page. A summary of errors takes it. */

document.addEventListener("htmx:afterSettle", () => {
  const summary = document.querySelector(".errors[data-focus]");
  if (summary) {
    summary.removeAttribute("data-focus");
    summary.focus();
  }
});

document.querySelector(".errors[data-focus]")?.focus();

// A line of folders longer than the screen begins at the open one.
const folder = document.querySelector(".folders-line [aria-current]");
if (folder) folder.parentElement.scrollLeft = folder.offsetLeft - folder.parentElement.offsetLeft - 16;
