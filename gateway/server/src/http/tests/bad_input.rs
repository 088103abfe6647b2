//! Every bad input has its own problem, names the field, and leaves nothing behind.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::world::{Answer, CODE, ONE_STOP, World, envelope, get, post, submission, submitting};

async fn raw(world: &World, body: impl Into<Body>) -> Answer {
    let request = Request::post("/v1/exchanges")
        .header("authorization", format!("Bearer {ONE_STOP}"))
        .header("content-type", "application/json")
        .header("idempotency-key", "raw")
        .body(body.into())
        .unwrap();
    world.ask(request).await
}

async fn with(world: &World, change: impl FnOnce(&mut Value)) -> Answer {
    let mut envelope = envelope(CODE);
    change(&mut envelope);
    world.ask(submitting(ONE_STOP, "changed", &envelope)).await
}

#[tokio::test]
async fn invalid_json_is_told_with_line_and_column() {
    let world = World::new().await;
    let answer = raw(&world, "{\n  \"operation\": \"portal.sync-dossier\",\n  \"key\": }").await;
    let problem = answer.names(400, "LT-BAD-JSON", "");
    assert!(problem["field_problems"][0]["problem"].as_str().unwrap().contains("line 3 column"), "{problem}");
    raw(&world, "{\"operation\":").await.problem(400, "LT-BAD-JSON");
    raw(&world, "").await.problem(400, "LT-BAD-JSON");
    raw(&world, vec![0xff, 0xfe]).await.problem(400, "LT-BAD-JSON");
    raw(&world, "{} trailing").await.problem(400, "LT-BAD-PARAMETER");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn the_envelope_names_what_is_missing_unknown_or_of_the_wrong_type() {
    let world = World::new().await;
    with(&world, |e| drop(e.as_object_mut().unwrap().remove("key"))).await.names(400, "LT-BAD-PARAMETER", "/key");
    with(&world, |e| e["colour"] = json!("red")).await.names(400, "LT-BAD-PARAMETER", "/colour");
    with(&world, |e| e["key"] = json!(7)).await.names(400, "LT-BAD-PARAMETER", "/key");
    with(&world, |e| e["aliases"] = json!(["a", 7])).await.names(400, "LT-BAD-PARAMETER", "/aliases/1");
    with(&world, |e| e["class"] = json!("urgent")).await.names(400, "LT-BAD-PARAMETER", "/class");
    with(&world, |e| e["due_at"] = json!("soon")).await.names(400, "LT-BAD-PARAMETER", "/due_at");
    let behalf = |e: &mut Value| e["on_behalf_of"] = json!({"unit": "x", "rank": 1});
    with(&world, behalf).await.names(400, "LT-BAD-PARAMETER", "/on_behalf_of/rank");
    raw(&world, "[1, 2]").await.problem(400, "LT-BAD-PARAMETER");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn a_senders_value_is_never_repeated() {
    let world = World::new().await;
    let answer = with(&world, |e| e["aliases"] = json!("Nguyễn Văn Mẫu")).await;
    answer.names(400, "LT-BAD-PARAMETER", "/aliases");
    assert!(!answer.json.to_string().contains("Nguyễn"), "{}", answer.json);
}

#[tokio::test]
async fn names_and_texts_are_held_to_their_limits() {
    let world = World::new().await;
    with(&world, |e| e["key"] = json!("  ")).await.names(400, "LT-BAD-PARAMETER", "/key");
    with(&world, |e| e["key"] = json!("x".repeat(129))).await.names(400, "LT-BAD-PARAMETER", "/key");
    with(&world, |e| e["purpose"] = json!("x".repeat(501))).await.names(400, "LT-BAD-PARAMETER", "/purpose");
    with(&world, |e| e["aliases"] = json!(vec!["a"; 17])).await.names(400, "LT-BAD-PARAMETER", "/aliases");
    with(&world, |e| e["aliases"] = json!(["ok", ""])).await.names(400, "LT-BAD-PARAMETER", "/aliases/1");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn an_operation_that_does_not_exist_is_told_so() {
    let world = World::new().await;
    let unknown = |name: &'static str| move |e: &mut Value| e["operation"] = json!(name);
    with(&world, unknown("portal.fly-away")).await.names(404, "LT-UNKNOWN-OPERATION", "/operation");
    with(&world, unknown("Not An Operation")).await.names(404, "LT-UNKNOWN-OPERATION", "/operation");
    with(&world, unknown("portal.notify-tax")).await.names(404, "LT-UNKNOWN-OPERATION", "/operation");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn the_body_is_held_to_its_operation() {
    let world = World::new().await;
    let missing = |e: &mut Value| drop(e["body"].as_object_mut().unwrap().remove("code"));
    with(&world, missing).await.problem(400, "LT-INVALID");
    with(&world, |e| e["body"]["status"] = json!("four")).await.names(400, "LT-INVALID", "/body/status");
    with(&world, |e| e["body"]["extra"] = json!(1)).await.problem(400, "LT-INVALID");
    with(&world, |e| e["body"]["code"] = json!("H56.14-250115-0008")).await.names(400, "LT-INVALID", "/body/code");
    let foreign = |e: &mut Value| {
        e["key"] = json!("X99-1");
        e["body"]["code"] = json!("X99-1");
    };
    with(&world, foreign).await.names(400, "LT-DOSSIER-CODE", "/body/code");
    with(&world, |e| e["body"]["note"] = json!("x".repeat(5000))).await.problem(413, "LT-BODY-TOO-LARGE");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn an_expiry_in_the_past_and_a_callback_of_a_client_without_any_are_refused() {
    let world = World::new().await;
    let past = |e: &mut Value| e["expires_at"] = json!("2020-01-01T00:00:00Z");
    with(&world, past).await.names(400, "LT-EXPIRY-PAST", "/expires_at");
    let callback = |e: &mut Value| e["callback"] = json!({"url": "https://one-stop.example/done"});
    with(&world, callback).await.names(400, "LT-CALLBACK-UNAVAILABLE", "/callback");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn a_body_over_the_ports_limit_is_cut_off_while_reading() {
    let world = World::new().await;
    let large = vec![b' '; world.state.limits.body_bytes + 1];
    raw(&world, large.clone()).await.problem(413, "LT-BODY-TOO-LARGE");
    let chunks: Vec<Result<bytes::Bytes, std::io::Error>> =
        large.chunks(1000).map(|chunk| Ok(bytes::Bytes::copy_from_slice(chunk))).collect();
    let unannounced = Body::from_stream(futures::stream::iter(chunks));
    raw(&world, unannounced).await.problem(413, "LT-BODY-TOO-LARGE");
    let mut announced = submission(ONE_STOP, CODE, "liar");
    announced.headers_mut().insert("content-length", "99999999999".parse().unwrap());
    world.ask(announced).await.problem(413, "LT-BODY-TOO-LARGE");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    let world = World::new().await;
    let never = Body::from_stream(futures::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let answer = raw(&world, never).await;
    answer.problem(408, "LT-SLOW-REQUEST");
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn only_json_is_taken() {
    let world = World::new().await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=windows-1258"] {
        let mut request = submission(ONE_STOP, CODE, "form");
        request.headers_mut().insert("content-type", media_type.parse().unwrap());
        world.ask(request).await.names(415, "LT-MEDIA-TYPE", "Content-Type");
    }
    let mut request = submission(ONE_STOP, CODE, "utf-8");
    request.headers_mut().insert("content-type", "application/json; charset=UTF-8".parse().unwrap());
    assert_eq!(world.ask(request).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_submission_needs_an_idempotency_key_that_holds() {
    let world = World::new().await;
    let bare = post(ONE_STOP, "/v1/exchanges", &envelope(CODE));
    world.ask(bare).await.problem(400, "LT-IDEMPOTENCY-KEY-MISSING");
    let long = submission(ONE_STOP, CODE, &"k".repeat(256));
    world.ask(long).await.names(400, "LT-BAD-PARAMETER", "Idempotency-Key");
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn a_used_key_with_other_content_is_a_conflict_and_changes_nothing() {
    let world = World::new().await;
    let first = world.submitted(CODE).await;
    let again = world.ask(submission(ONE_STOP, CODE, CODE)).await;
    assert_eq!((again.status, again.json["id"].as_str()), (StatusCode::ACCEPTED, Some(first.as_str())));
    assert_eq!(again.json["replayed"], true);
    let other = world.ask(submission(ONE_STOP, "H56.14-250115-0008", CODE)).await;
    let problem = other.problem(409, "LT-IDEMPOTENCY-CONFLICT");
    assert!(problem["detail"].as_str().unwrap().contains(&first), "{problem}");
    assert_eq!(world.kept().await, 1);
}

#[tokio::test]
async fn query_path_and_cursor_are_read_strictly() {
    let world = World::new().await;
    let refused = async |path: &str, status, code, pointer: &str| {
        world.get(ONE_STOP, path).await.names(status, code, pointer);
    };
    refused("/v1/exchanges?limit=0", 400, "LT-BAD-PARAMETER", "?limit").await;
    refused("/v1/exchanges?limit=501", 400, "LT-BAD-PARAMETER", "?limit").await;
    refused("/v1/exchanges?state=lost", 400, "LT-BAD-PARAMETER", "?state").await;
    refused("/v1/exchanges?from=yesterday", 400, "LT-BAD-PARAMETER", "?from").await;
    refused("/v1/exchanges?colour=red", 400, "LT-BAD-PARAMETER", "?colour").await;
    refused("/v1/exchanges/not-an-id", 400, "LT-BAD-PARAMETER", "{id}").await;
    refused("/v1/events?after=-1", 400, "LT-BAD-PARAMETER", "?after").await;
    refused("/v1/keys/%07", 400, "LT-BAD-PARAMETER", "{key}").await;
    world.get(ONE_STOP, "/v1/exchanges?cursor=nonsense").await.problem(400, "LT-BAD-CURSOR");
    world.get(ONE_STOP, "/v1/keys/%ff").await.problem(400, "LT-BAD-PARAMETER");
}

#[tokio::test]
async fn unknown_paths_and_methods_have_their_problems() {
    let world = World::new().await;
    world.get(ONE_STOP, "/v1/nothing").await.problem(404, "LT-NO-SUCH-PATH");
    world.get(ONE_STOP, "/").await.problem(404, "LT-NO-SUCH-PATH");
    let mut delete = get(ONE_STOP, "/v1/exchanges");
    *delete.method_mut() = http::Method::DELETE;
    let answer = world.ask(delete).await;
    answer.problem(405, "LT-METHOD-NOT-ALLOWED");
    let mut allowed: Vec<&str> = answer.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[tokio::test]
async fn an_unknown_grpc_method_is_told_in_grpc() {
    let world = World::new().await;
    let request = Request::post("/lienthong.v1.Nothing/Do").header("content-type", "application/grpc+proto");
    let answer = world.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.header("grpc-status")), (StatusCode::OK, "12"));
}

#[tokio::test]
async fn an_act_is_read_strictly() {
    let world = World::new().await;
    let id = "0199c2f0-7b1a-7c3e-9d55-0f6f1f0a2b3c.0";
    let path = format!("/v1/deliveries/{id}/release");
    let operator = super::world::OPERATOR;
    world.post(operator, &path, &json!({"reson": "x"})).await.names(400, "LT-BAD-PARAMETER", "/reson");
    world.post(operator, &path, &json!({"confirm": "yes"})).await.names(400, "LT-BAD-PARAMETER", "/confirm");
    world.post(operator, &path, &json!({"reason": "x".repeat(501)})).await.names(400, "LT-BAD-PARAMETER", "/reason");
    world.post(operator, &path, &json!({"reason": "x".repeat(20_000)})).await.problem(413, "LT-BODY-TOO-LARGE");
    world.post(operator, &path, &Value::Null).await.problem(404, "LT-NO-SUCH-RECORD");
}
