"""What people and their phones make of STOP, and what recruiting people write to each other."""

CASES = ["STOP", "stop", "Stop", "sToP", " stop ", "\nSTOP\n", "STOP\r\n", "\tstop", "stop\u00a0"]
SIGNS = [
    *("stop.", "STOP!", "Stop!!!", "stop?", "stop,", "...stop...", "-stop-", "*STOP*", "_stop_"),
    *("(stop)", "[STOP]", "<stop>", "#stop", "/stop", "stop;", "S.T.O.P.", "¡stop!", "~stop~"),
]
QUOTES = [
    '"stop"',
    "'STOP'",
    "“stop”",
    "\u2018Stop\u2019",
    "«stop»",
    "„STOP“",
    "「stop」",
    "`stop`",
]
EMOJI = ["STOP 🛑", "🛑🛑 stop", "stop 😡😡😡", "stop✋🏽", "stop ❤️", "👩‍⚕️ stop", "stop🇺🇸"]
INVISIBLE = [
    *("\u200bstop", "st\u200bop", "s\u200dt\u200do\u200dp", "\ufeffSTOP", "stop\u2060"),
    *("\u202astop\u202c", "st\u00adop", "stop\ufe0f", "\u200fstop"),
]
WIDE = ["ＳＴＯＰ", "ｓｔｏｐ", "ＳＴＯＰ！", "𝐒𝐓𝐎𝐏", "Ⓢⓣⓞⓟ", "🅂🅃🄾🄿", "ｓtｏp。"]  # noqa: RUF001
FAMILY = [
    *("STOPALL", "Stop all", "stop-all", "stop  all", "UNSUBSCRIBE", "Unsubscribe.", "unsub"),
    *(
        "Cancel",
        "END",
        "End.",
        "quit",
        "Quit!",
        "REVOKE",
        "OPTOUT",
        "opt out",
        "Opt-Out",
        "opt_out",
    ),
    *("remove", "STOP2QUIT", "stop 🛑 all", "opt\u2011out", "opt\nout"),
]
ABROAD = [
    *("ARRET", "arrêt", "ARRÊT", "arre\u0302t", "Arrêt !", "« arrêt »", "ALTO", "¡Alto!", "parar"),
    *("Parar.", "退订", "退订。", "「退订」", "TD", "td", "\uff34\uff24"),
]
STOPS = [*CASES, *SIGNS, *QUOTES, *EMOJI, *INVISIBLE, *WIDE, *FAMILY, *ABROAD]

ORDINARY = [
    "please stop by tomorrow",
    "I can start Monday",
    "help me with directions",
    "the end of the month",
    "Stop by any time!",
    "Can I stop in at 3?",
    "the last stop of the 51 bus",
    "nonstop",
    "I will not stop looking",
    "When does it start?",
    "Start date?",
    "start monday",
    "I need help",
    "Thanks for your help!",
    "helpful",
    "More info please",
    "information",
    "I have to cancel",
    "cancel my interview",
    "Can we cancel Tuesday?",
    "I quit my job last week",
    "weekend",
    "end of shift is 7",
    "in the end I took it",
    "I removed it from my resume",
    "remove my old number",
    "opt for nights",
    "quite sure",
    "endless",
    "stopped",
    "TDY",
    "alto saxophone",
    "yes stop",
    "stop it",
]
