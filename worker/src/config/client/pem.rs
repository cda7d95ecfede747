//! Certificates and keys, read from their files.

use std::path::Path;

/// What a PEM text must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PemKind {
    Certificate,
    PrivateKey,
}

impl PemKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::PrivateKey => "private key",
        }
    }

    /// Whether a block of this kind begins somewhere in the text.
    fn is_in(self, pem: &[u8]) -> bool {
        String::from_utf8_lossy(pem)
            .lines()
            .filter_map(|line| line.trim().strip_prefix("-----BEGIN "))
            .any(|label| match self {
                Self::Certificate => label.contains("CERTIFICATE"),
                Self::PrivateKey => label.contains("PRIVATE KEY"),
            })
    }
}

/// Reads a PEM file.
///
/// # Errors
/// What is wrong, as a fragment that names the path.
pub(super) fn read(path: &Path, kind: PemKind) -> Result<Vec<u8>, String> {
    let pem = std::fs::read(path).map_err(|error| {
        format!(
            "cannot read the {} {}: {error}",
            kind.name(),
            path.display()
        )
    })?;
    check(&pem, kind).map_err(|problem| format!("{}: {problem}", path.display()))?;
    Ok(pem)
}

/// Checks that a text is PEM of this kind. Whether the contents fit is for TLS to find out.
pub(super) fn check(pem: &[u8], kind: PemKind) -> Result<(), String> {
    if kind.is_in(pem) {
        return Ok(());
    }
    Err(format!("there is no {} in PEM form", kind.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERT: &[u8] = b"text\n-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    const KEY: &[u8] = b"-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n";

    #[test]
    fn certificates_and_keys_are_told_apart() {
        assert_eq!(check(CERT, PemKind::Certificate), Ok(()));
        assert_eq!(check(KEY, PemKind::PrivateKey), Ok(()));
        assert!(check(CERT, PemKind::PrivateKey).is_err());
        assert!(check(KEY, PemKind::Certificate).is_err());
        assert!(check(&[0xff, 0xfe], PemKind::Certificate).is_err());
    }

    #[test]
    fn a_missing_file_is_named() {
        let problem = read(Path::new("no/such.pem"), PemKind::Certificate).unwrap_err();
        assert!(problem.contains("no/such.pem"), "{problem}");
    }
}
