//! What can be wrong with a table of prices.

/// Why a table of prices cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The text is no JSON.
    #[error(
        "no JSON at line {line}, column {column}; write an object with \"models\", or take LiteLLM's file of prices"
    )]
    NoJson {
        /// Where reading ended.
        line: usize,
        /// Where on the line.
        column: usize,
    },
    /// The text is JSON, but no object.
    #[error("no table of prices; write an object with \"models\", or take LiteLLM's file of prices")]
    NoTable,
    /// There is no model in it.
    #[error("no model with prices; every model needs at least its prices of input and output")]
    Empty,
    /// A field of the table is missing or of another type.
    #[error("{field:?} is missing or {expected}; nothing was taken from the table")]
    Table {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A field of a model is missing or of another type.
    #[error("model {model:?}: {field:?} is missing or {expected}; nothing was taken from the table")]
    Model {
        /// The model.
        model: String,
        /// The field.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A field of a model has no known name.
    #[error("model {model:?}: {field:?} is no field; nothing was taken from the table")]
    UnknownField {
        /// The model.
        model: String,
        /// The field.
        field: String,
    },
}
