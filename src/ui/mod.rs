//! The page in leptos components: one file per component, with a style sheet of the same name in `style/`.
//!
//! Components show ready-made texts and send Actions and Requests; what is computed is computed in `view` and
//! `engine`.

pub mod analyses;
pub mod answers;
pub mod app;
pub mod backends;
pub mod commands;
pub mod compare;
pub mod connect;
pub mod consent;
pub mod critical;
pub mod details;
pub mod effect;
pub mod error_card;
pub mod findings;
pub mod flame;
pub mod go_to;
pub mod graph;
pub mod graphs;
pub mod guess;
pub mod help;
pub mod hops;
pub mod import_report;
pub mod keys;
pub mod loading;
pub mod nothing_found;
pub mod notices;
pub mod open_screen;
pub mod palette;
pub mod refused;
pub mod scope;
pub mod search;
pub mod searches;
pub mod services;
pub mod session;
pub mod settings;
pub mod shared;
pub mod side_panel;
pub mod store;
pub mod table_answers;
pub mod tables;
pub mod timeline;
pub mod together;
pub mod top_bar;
pub mod trace_header;
pub mod trace_screen;
pub mod traces;
pub mod trouble_card;
pub mod view_tabs;
pub mod widgets;

pub use app::App;
