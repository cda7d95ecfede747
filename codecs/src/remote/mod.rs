//! Temporal's remote codec protocol: a server that anybody may write in any language, and that the Web UI and the CLI
//! use as well.
//!
//! `POST {endpoint}/encode` and `POST {endpoint}/decode` with `{"payloads": [...]}` in the JSON form of protobuf, the
//! namespace in `X-Namespace`, and the same form back, one payload for each.

mod endpoint;
mod exchange;
mod json;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use url::Url;

pub use endpoint::{CodecAuthorization, CodecEndpoint, EndpointProblem};

use crate::Payload;
use crate::codec::{CodecFuture, PayloadCodec};
use crate::context::SerializationContext;
use crate::fault::CodecFault;

const NAMESPACE_HEADER: &str = "X-Namespace";

/// Asks a remote codec server. Cloning is cheap.
///
/// The server is asked again, with growing pauses, when it cannot be reached or says that it is overloaded; the time
/// limit of the [chain](crate::CodecChain) bounds all attempts together. Redirects are not followed: they would carry
/// payloads and credentials elsewhere.
#[derive(Clone, Debug)]
pub struct RemoteCodec {
    client: reqwest::Client,
    encode: Url,
    decode: Url,
    name: String,
}

impl RemoteCodec {
    /// A client of the server at `endpoint` for the payloads of a namespace.
    ///
    /// # Errors
    /// The endpoint is no URL with this namespace in it, or the namespace cannot travel in a header.
    pub fn new(
        endpoint: &CodecEndpoint,
        namespace: &str,
        authorization: Option<&CodecAuthorization>,
    ) -> Result<Self, EndpointProblem> {
        let mut headers = HeaderMap::new();
        let namespace_value = HeaderValue::from_bytes(namespace.as_bytes())
            .map_err(|_| EndpointProblem::namespace(namespace))?;
        headers.insert(NAMESPACE_HEADER, namespace_value);
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization.header());
        }
        install_tls();
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(Policy::none())
            .user_agent(concat!("burdock/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| EndpointProblem::client(&error))?;
        Ok(Self {
            client,
            encode: endpoint.url(namespace, "encode")?,
            decode: endpoint.url(namespace, "decode")?,
            name: format!("remote codec {endpoint}"),
        })
    }

    async fn ask(&self, url: &Url, payloads: Vec<Payload>) -> Result<Vec<Payload>, CodecFault> {
        let body = json::request(&payloads)?;
        let answer = exchange::post(&self.client, url, body).await?;
        let answered = json::response(&answer)
            .map_err(|what| CodecFault::Answer(format!("{url} answered with {what}")))?;
        // Go's client of the protocol refuses this, too; the TypeScript one would lose arguments.
        if answered.len() != payloads.len() {
            return Err(CodecFault::Answer(format!(
                "{url} answered with {} payloads to {}; correct the codec server, which must return one for each",
                answered.len(),
                payloads.len()
            )));
        }
        Ok(answered)
    }
}

/// The HTTP client's TLS has no default of its own. Whoever installed another one first is right.
fn install_tls() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

impl PayloadCodec for RemoteCodec {
    fn name(&self) -> &str {
        &self.name
    }

    fn encode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        _: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        Box::pin(self.ask(&self.encode, payloads))
    }

    fn decode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        _: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        Box::pin(self.ask(&self.decode, payloads))
    }
}

#[cfg(test)]
mod tests;
