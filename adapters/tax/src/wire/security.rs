//! The two proofs as markup: WS-Security's header and XML-DSig's signature. It computes neither.

use super::request::escape;

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const DIGEST: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const EXCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(crate) const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// What both sides of GIP sign.
pub(crate) const HEADER_AND_BODY: &str = "ancestor-or-self::HEADER or ancestor-or-self::BODY";

/// One `UsernameToken`, each part as it was digested.
pub(crate) struct UsernameToken<'a> {
    pub(crate) username: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) created: &'a str,
}

/// `wsse:Security` for a SOAP header whose prefix is `soapenv`.
pub(crate) fn username_token(token: &UsernameToken<'_>) -> String {
    let UsernameToken { username, digest, nonce, created } = *token;
    let mut name = String::new();
    escape(username, &mut name);
    format!(
        "<wsse:Security soapenv:mustUnderstand=\"1\" xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\">\
         <wsse:UsernameToken wsu:Id=\"UsernameToken-1\"><wsse:Username>{name}</wsse:Username>\
         <wsse:Password Type=\"{DIGEST}\">{digest}</wsse:Password>\
         <wsse:Nonce EncodingType=\"{BASE64}\">{nonce}</wsse:Nonce>\
         <wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )
}

/// `SignedInfo` over one digest. `namespace`: whether it declares its own, as its canonical form does.
pub(crate) fn signed_info(digest: &str, namespace: bool) -> String {
    let declared = if namespace { format!(" xmlns=\"{DSIG}\"") } else { String::new() };
    format!(
        "<SignedInfo{declared}><CanonicalizationMethod Algorithm=\"{EXCLUSIVE_WITH_COMMENTS}\"></CanonicalizationMethod>\
         <SignatureMethod Algorithm=\"{RSA_SHA256}\"></SignatureMethod>\
         <Reference URI=\"\"><Transforms><Transform Algorithm=\"{XPATH}\"><XPath>{HEADER_AND_BODY}</XPath></Transform></Transforms>\
         <DigestMethod Algorithm=\"{SHA256}\"></DigestMethod><DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    )
}

/// The whole `Signature`.
pub(crate) fn signature(digest: &str, value: &str, subject: &str, certificate: &str) -> String {
    let mut named = String::new();
    escape(subject, &mut named);
    format!(
        "<Signature xmlns=\"{DSIG}\">{}<SignatureValue>{value}</SignatureValue><KeyInfo><X509Data>\
         <X509SubjectName>{named}</X509SubjectName><X509Certificate>{certificate}</X509Certificate>\
         </X509Data></KeyInfo></Signature>",
        signed_info(digest, false)
    )
}
