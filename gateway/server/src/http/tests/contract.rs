//! The OpenAPI document says what the router does, no more and no less.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;

use super::world::World;
use crate::http::routes;

async fn document(world: &World) -> Value {
    let answer = world.ask(Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    answer.json
}

/// Every path of the document with its methods.
fn described(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |item: &Value| item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
    paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect()
}

/// A path of the router with every parameter filled in.
fn filled(template: &str) -> String {
    let fill = |segment: &str| match segment.strip_prefix('{') {
        Some(_) => "x".to_owned(),
        None => segment.to_owned(),
    };
    template.split('/').map(fill).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn the_router_and_the_document_hold_the_same_paths_and_methods() {
    let world = World::new().await;
    let mut served = BTreeMap::new();
    for (template, _) in routes::table() {
        let path = template.replace("{*", "{");
        let probe = Request::builder().method("PROBE").uri(filled(template)).body(Body::empty()).unwrap();
        let answer = world.ask(probe).await;
        let methods: BTreeSet<String> = match answer.status {
            StatusCode::METHOD_NOT_ALLOWED => {
                answer.header("allow").split(',').filter(|method| *method != "HEAD").map(str::to_owned).collect()
            }
            // Any method: the document shows the one that is used.
            _taken => BTreeSet::from(["POST".to_owned()]),
        };
        served.insert(path, methods);
    }
    assert_eq!(served, described(&document(&world).await));
}

#[tokio::test]
async fn the_document_asks_for_credentials_exactly_where_the_router_does() {
    let world = World::new().await;
    let document = document(&world).await;
    for (path, methods) in described(&document) {
        for method in methods {
            let operation = &document["paths"][&path][method.to_lowercase()];
            let open = operation["security"] == serde_json::json!([{}]);
            let request = Request::builder().method(method.as_str()).uri(filled(&path)).body(Body::empty()).unwrap();
            let answer = world.ask(request).await;
            let asked = answer.json["code"] == "LT-NO-CREDENTIALS" || answer.json["code"] == "LT-NO-SUCH-PATH";
            assert_eq!(asked, !open || path.starts_with("/in/"), "{method} {path}: {}", answer.json);
        }
    }
}

#[tokio::test]
async fn every_operation_is_documented_whole() {
    let world = World::new().await;
    let document = document(&world).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, methods) in described(&document) {
        for method in methods {
            let operation = &document["paths"][&path][method.to_lowercase()];
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{id}");
            assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Problem", "{id}");
            let named = path.matches('{').count();
            let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert_eq!(parameters.iter().filter(|parameter| parameter["in"] == "path").count(), named, "{id}");
        }
    }
    assert_eq!(document["components"]["securitySchemes"].as_object().unwrap().len(), 3);
    let problem = &document["components"]["responses"]["Problem"]["content"]["application/problem+json"];
    assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem");
}

#[tokio::test]
async fn no_reference_of_the_document_leads_nowhere() {
    let world = World::new().await;
    let document = document(&world).await;
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn the_envelopes_example_is_an_envelope() {
    let world = World::new().await;
    let document = document(&world).await;
    let example = &document["paths"]["/v1/exchanges"]["post"]["requestBody"]["content"]["application/json"]["example"];
    let bytes = bytes::Bytes::from(example.to_string());
    let trace = crate::http::trace::new_context();
    let read = crate::http::model::submission::submission(&bytes, None, trace).unwrap();
    assert_eq!(read.key.as_str(), "000.00.14.H56-250115-0007");
}
