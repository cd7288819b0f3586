//! Certificates of an authority that nobody else knows.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// A root certificate, and files with the certificate of a server and its key.
pub(crate) struct Certificates {
    /// In PEM format.
    pub(crate) root: String,
    _folder: TempDir,
    files: [String; 3],
}

impl Certificates {
    pub(crate) fn for_hosts(hosts: &[&str]) -> Self {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let root = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let certificate = CertificateParams::new(hosts).unwrap().signed_by(&key, &issuer).unwrap();
        let folder = TempDir::new().unwrap();
        let texts = [("root", root.clone()), ("certificate", certificate.pem()), ("key", key.serialize_pem())];
        let files = texts.map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        });
        Self { root, _folder: folder, files }
    }

    /// The options of a server that uses the certificate and asks for none.
    pub(crate) fn options(&self) -> [&str; 8] {
        let [root, certificate, key] = &self.files;
        ["--tls-auth-clients", "no", "--tls-ca-cert-file", root, "--tls-cert-file", certificate, "--tls-key-file", key]
    }

    /// The same as lines of a configuration file.
    #[cfg(feature = "redis-sentinel")]
    pub(crate) fn lines(&self) -> String {
        let options = self.options();
        let lines = options.chunks(2).map(|option| format!("{} {}\n", option[0].trim_start_matches("--"), option[1]));
        lines.collect()
    }
}
