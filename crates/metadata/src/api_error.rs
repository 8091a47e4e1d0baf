//! A refusal as responses carry it: an error code and a text.

use ottla_protocol::error::ErrorCode;

/// Why a request, or a part of it, is refused. Source: Kafka `ApiError`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} ({})", .message.as_deref().unwrap_or(.code.message()), .code.name())]
pub struct ApiError {
    /// The code, never [`ErrorCode::NONE`].
    pub code: ErrorCode,
    /// The text; `None` stands for the code's own.
    pub message: Option<String>,
}

impl ApiError {
    /// A refusal with a text of its own.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }

    /// The text to send: the refusal's own, or the code's.
    #[must_use]
    pub fn text(&self) -> &str {
        self.message.as_deref().unwrap_or(self.code.message())
    }

    /// `INVALID_REQUEST` with a text.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::INVALID_REQUEST, message)
    }

    /// `INVALID_CONFIG` with a text.
    pub fn invalid_config(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::INVALID_CONFIG, message)
    }
}

impl From<ErrorCode> for ApiError {
    /// A refusal with the code's own text.
    fn from(code: ErrorCode) -> Self {
        Self { code, message: None }
    }
}

/// Code and text of a result, as response fields take them.
#[must_use]
pub fn code_and_message(result: &Result<(), ApiError>) -> (i16, Option<String>) {
    match result {
        Ok(()) => (ErrorCode::NONE.into(), None),
        Err(error) => (error.code.into(), Some(error.text().to_string())),
    }
}
