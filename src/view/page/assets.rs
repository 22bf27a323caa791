//! The parts of pages that are ours: small files, put together when the program is built.

/// Markup, style and script of one kind of page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assets {
    pub(super) style: &'static str,
    pub(super) body: &'static str,
    pub(super) script: &'static str,
}

/// One script of several files, which share their names with each other and with nobody else.
macro_rules! script {
    ($start:literal, $($file:literal),+ $(,)?) => {
        concat!(
            "\n(() => {\n\"use strict\";\n",
            include_str!("shared/dom.js"),
            include_str!("shared/format.js"),
            include_str!("shared/theme.js"),
            include_str!("shared/table.js"),
            include_str!("shared/plot.js"),
            $(include_str!($file),)+
            "const start = ", $start, ";\n",
            include_str!("shared/start.js"),
            "})();\n",
        )
    };
}

macro_rules! style {
    ($file:literal) => {
        concat!(
            "\n",
            include_str!("shared/base.css"),
            include_str!("shared/plot.css"),
            include_str!($file),
            include_str!("shared/media.css"),
        )
    };
}

/// The page of a session.
pub(super) const SESSION: Assets = Assets {
    style: style!("session/session.css"),
    body: include_str!("session/page.html"),
    script: script!(
        "startSession",
        "session/axis.js",
        "session/rows.js",
        "session/view.js",
        "session/waterfall.js",
        "session/minimap.js",
        "session/search.js",
        "session/details.js",
        "session/keys.js",
        "session/glance.js",
        "session/sections.js",
        "session/main.js",
    ),
};

/// The page of what a period held.
pub(super) const REPORT: Assets = Assets {
    style: style!("report/report.css"),
    body: include_str!("report/page.html"),
    script: script!("startReport", "report/plots.js", "report/main.js"),
};

/// Every kind of page.
#[cfg(test)]
pub(super) const ALL: [Assets; 2] = [SESSION, REPORT];
