//! The envelope as it is read.

use super::*;
use crate::http::trace;

fn read(text: &str) -> Result<Submission, Fault> {
    submission(&Bytes::copy_from_slice(text.as_bytes()), None, trace::new_context())
}

#[test]
fn the_body_is_a_slice_of_what_was_received() {
    let bytes = Bytes::from_static(br#"{"operation":"a.b","key":"k","body": {"x" : 1.50} }"#);
    let read = submission(&bytes, Some("i".into()), trace::new_context()).unwrap();
    assert_eq!(read.body, &br#"{"x" : 1.50}"#[..]);
    let (whole, part) = (bytes.as_ptr_range(), read.body.as_ptr_range());
    assert!(whole.start < part.start && part.end < whole.end, "not a copy");
}

#[test]
fn escapes_in_names_are_read() {
    let read = read(r#"{"operation":"portal\u002esync-dossier","key":"H\u01b0ng","body":null}"#).unwrap();
    assert_eq!((read.operation.as_str(), read.key.as_str()), ("portal.sync-dossier", "Hưng"));
    assert_eq!(read.body, &b"null"[..]);
}

#[test]
fn null_is_absence() {
    let text =
        r#"{"operation":"a.b","key":"k","body":{},"due_at":null,"purpose":null,"callback":null,"on_behalf_of":null}"#;
    let read = read(text).unwrap();
    assert_eq!((read.due_at, read.purpose, read.callback, read.on_behalf_of), (None, None, None, None));
}

#[test]
fn a_field_given_twice_is_refused() {
    let fault = read(r#"{"operation":"a.b","key":"k","key":"l","body":{}}"#).unwrap_err();
    assert_eq!(fault.problems[0].pointer, "/key");
}
