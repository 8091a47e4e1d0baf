//! SaslHandshake and SaslAuthenticate on a listener without SASL: answered, as Kafka does, that this is not the time.
//!
//! Source: Kafka `KafkaApis.handleSaslHandshakeRequest`, `handleSaslAuthenticateRequest`.

use ottla_protocol::error::ErrorCode;
use ottla_protocol::messages::sasl_authenticate_response::SaslAuthenticateResponse;
use ottla_protocol::messages::sasl_handshake_response::SaslHandshakeResponse;

pub(crate) fn refuse_handshake() -> SaslHandshakeResponse {
    SaslHandshakeResponse { error_code: ErrorCode::ILLEGAL_SASL_STATE.into(), mechanisms: Vec::new() }
}

pub(crate) fn refuse_authenticate() -> SaslAuthenticateResponse {
    SaslAuthenticateResponse {
        error_code: ErrorCode::ILLEGAL_SASL_STATE.into(),
        error_message: Some("SaslAuthenticate request received after successful authentication".to_owned()),
        ..SaslAuthenticateResponse::default()
    }
}
