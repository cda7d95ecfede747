//! Where a codec server is, and how one is let in.

use std::fmt;
use std::fmt::Write as _;

use reqwest::header::HeaderValue;
use url::Url;

/// Replaced by the namespace, as the Temporal CLI does in its `--codec-endpoint`.
const NAMESPACE: &str = "{namespace}";

/// What an endpoint looks like, for error messages.
const EXAMPLE: &str = "give a URL such as https://codec.example.com/{namespace}";

/// The address of a codec server, perhaps with `{namespace}` in it.
#[derive(Clone, PartialEq, Eq)]
pub struct CodecEndpoint(String);

/// Why an address cannot be used: what is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {remedy}")]
pub struct EndpointProblem {
    /// For example: `"codec" is no URL`.
    pub what: String,
    /// For example: `give a URL such as https://codec.example.com`.
    pub remedy: &'static str,
}

impl EndpointProblem {
    fn new(what: impl Into<String>, remedy: &'static str) -> Self {
        let what = what.into();
        Self { what, remedy }
    }

    pub(super) fn namespace(namespace: &str) -> Self {
        Self::new(
            format!("namespace {namespace:?} cannot travel in an HTTP header"),
            "use a namespace without control characters",
        )
    }

    pub(super) fn client(error: &reqwest::Error) -> Self {
        Self::new(
            format!("the client of the codec server cannot be made ({error})"),
            "see that the system's certificates can be read",
        )
    }
}

impl CodecEndpoint {
    /// Reads an address: `http` or `https`, with a host, without credentials, query or fragment.
    ///
    /// # Errors
    /// Says what is wrong, without showing credentials.
    pub fn parse(text: &str) -> Result<Self, EndpointProblem> {
        let endpoint = Self(text.trim_end_matches('/').to_owned());
        endpoint.url("default", "encode")?;
        Ok(endpoint)
    }

    /// The address of one of the server's two methods.
    pub(super) fn url(&self, namespace: &str, method: &str) -> Result<Url, EndpointProblem> {
        let filled = self.0.replace(NAMESPACE, &escaped(namespace));
        let url = Url::parse(&format!("{filled}/{method}"))
            .map_err(|error| EndpointProblem::new(format!("it is no URL ({error})"), EXAMPLE))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointProblem::new(
                "it holds credentials",
                "leave them out of the URL and give `codec-auth`",
            ));
        }
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(EndpointProblem::new("it is no http or https URL", EXAMPLE));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointProblem::new(
                "it has a query or a fragment, and `/encode` and `/decode` could not follow",
                EXAMPLE,
            ));
        }
        Ok(url)
    }
}

/// A namespace as one segment of a path.
fn escaped(namespace: &str) -> String {
    let mut escaped = String::new();
    for byte in namespace.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string has no errors.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

impl fmt::Display for CodecEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CodecEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// The value of the `Authorization` header. Neither `Debug` nor any error shows it.
#[derive(Clone)]
pub struct CodecAuthorization(HeaderValue);

impl CodecAuthorization {
    /// Reads a value such as `Bearer abc`.
    ///
    /// # Errors
    /// It is empty, or holds what no header carries.
    pub fn parse(text: &str) -> Result<Self, EndpointProblem> {
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let value = HeaderValue::from_str(text).ok();
        match value.filter(|_| is_plain && !text.is_empty() && text.trim() == text) {
            Some(mut value) => {
                value.set_sensitive(true);
                Ok(Self(value))
            }
            None => Err(EndpointProblem::new(
                "the authorization is empty or holds line breaks or characters outside ASCII",
                "give what the codec server expects in its Authorization header, for example Bearer TOKEN",
            )),
        }
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for CodecAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(endpoint: &str, namespace: &str) -> String {
        let endpoint = CodecEndpoint::parse(endpoint).unwrap();
        endpoint.url(namespace, "encode").unwrap().to_string()
    }

    #[test]
    fn the_method_follows_the_endpoint_and_the_namespace_is_filled_in() {
        assert_eq!(
            url("http://127.0.0.1:8888", "n"),
            "http://127.0.0.1:8888/encode"
        );
        assert_eq!(
            url("https://c.example/a/", "n"),
            "https://c.example/a/encode"
        );
        assert_eq!(
            url("https://c.example/{namespace}", "a/b c"),
            "https://c.example/a%2Fb%20c/encode"
        );
        assert_eq!(
            url("https://{namespace}.example", "n.x"),
            "https://n.x.example/encode"
        );
    }

    #[test]
    fn what_is_no_plain_http_address_is_refused() {
        let refused = [
            ("", "no URL"),
            ("codec:8888", "http or https"),
            ("file:///etc/codec", "http or https"),
            ("https://c.example/?a=b", "query"),
            ("https://c.example/#x", "fragment"),
            ("https://user:hush@c.example", "credentials"),
        ];
        for (text, part) in refused {
            let problem = CodecEndpoint::parse(text).unwrap_err().to_string();
            assert!(problem.contains(part), "{text}: {problem}");
            assert!(!problem.contains("hush"), "{problem}");
        }
    }

    #[test]
    fn an_authorization_is_never_shown() {
        let authorization = CodecAuthorization::parse("Bearer hush").unwrap();
        assert!(!format!("{authorization:?} {:?}", authorization.header()).contains("hush"));
        for text in ["", "hush\n", " hush", "hüsh"] {
            let problem = CodecAuthorization::parse(text).unwrap_err();
            assert!(!problem.to_string().contains('\n'), "{text:?}");
        }
    }
}
