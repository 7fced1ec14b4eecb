//! Sentences in the reader's language, over HTTP: what programs go by is the same in all.

use crate::api::{Client, PASSWORD, Reply};
use crate::support::database::sqlite;
use actix_web::test::TestRequest;
use onevisit::domain::Language;
use serde_json::{Value, json};

/// What a reader asks for, and the language that the answer of a Chinese server comes in.
const WISHES: [(Option<&str>, Language); 8] = [
    (None, Language::Zh),
    (Some("en-GB,en;q=0.8"), Language::En),
    (Some("zh-CN"), Language::Zh),
    (Some("fr"), Language::Zh),
    (Some("fr, en;q=0.5, zh;q=0.9"), Language::Zh),
    (Some("fr, zh;q=0.5, en;q=0.9"), Language::En),
    (Some("*"), Language::Zh),
    (Some("no language;;"), Language::Zh),
];

fn wishing(request: TestRequest, wish: Option<&str>) -> TestRequest {
    match wish {
        Some(wish) => request.insert_header(("Accept-Language", wish)),
        None => request,
    }
}

/// The detail of a problem document, whose language must be named; what remains of it has no language.
fn taken_apart(reply: &Reply, language: Language) -> (Vec<String>, Value) {
    assert_eq!(reply.headers.get("content-language").expect("a language"), language.as_str());
    let vary: Vec<&str> =
        reply.headers.get_all("vary").filter_map(|value| value.to_str().ok()).collect();
    assert!(vary.contains(&"accept-language"), "{vary:?}");
    let mut problem = reply.json();
    let mut said = vec![problem["detail"].take()];
    let errors = problem["errors"].as_array_mut().into_iter().flatten();
    said.extend(errors.map(|error| error["detail"].take()));
    problem["request_id"].take();
    let said = said.iter().map(|text| text.as_str().expect("a sentence").to_owned());
    (said.collect(), problem)
}

#[test]
fn the_same_refusal_is_said_in_the_readers_language() {
    let client = Client::speaking(&sqlite(), Language::Zh).log_in();
    for (wish, language) in WISHES {
        let request = TestRequest::get().uri("/api/v1/enterprises?limit=0");
        let (said, rest) = taken_apart(&client.send(wishing(request, wish)), language);
        let wanted = match language {
            Language::Zh => "“limit”是 0，须为 1 至 1000。",
            Language::En => "\"limit\" is 0; it should be 1 to 1000.",
        };
        assert_eq!(said, [wanted, wanted], "{wish:?}");
        let errors = json!([{ "code": "out-of-range", "pointer": "/limit", "detail": null }]);
        assert_eq!(
            rest,
            json!({
                "type": "about:blank", "title": "Unprocessable Entity", "status": 422,
                "code": "out-of-range", "detail": null, "errors": errors, "request_id": null,
            }),
            "{wish:?}"
        );
    }
}

#[test]
fn who_may_not_hears_who_may() {
    // its first user is no head of a department
    let client = Client::speaking(&sqlite(), Language::Zh).log_in();
    let wanted = |language| match language {
        Language::Zh => "您的角色都无权办理；有权办理的角色：部门负责人。您的角色见 /api/v1/me。",
        Language::En => {
            "None of your roles may do this; these may: head of department. /api/v1/me names yours."
        }
    };
    for (wish, language) in WISHES {
        let request = TestRequest::post().uri("/api/v1/requests/none/approve").set_json(json!({}));
        let (said, rest) = taken_apart(&client.send(wishing(request, wish)), language);
        assert_eq!(said, [wanted(language)], "{wish:?}");
        assert_eq!((&rest["status"], &rest["code"]), (&json!(403), &json!("forbidden")));
    }
}

#[test]
fn a_weak_password_is_answered_with_what_would_be_better() {
    let client = Client::speaking(&sqlite(), Language::Zh).log_in();
    let said = |wish: &str, new: &str| {
        let body = json!({ "old": PASSWORD, "new": new });
        let request = TestRequest::put().uri("/api/v1/me/password").set_json(body);
        let reply = client.send(wishing(request, Some(wish)));
        let (said, rest) = taken_apart(&reply, Language::of_tag(wish).expect("one of ours"));
        assert_eq!(rest["code"], "bad-password", "{new}");
        said[0].clone()
    };
    // one that has a reason, and one that falls short of our own measure alone
    let [reason, measure] = ["abcabcabcabc", "hurdles marble"];
    assert!(said("zh", reason).starts_with("这个密码很容易被猜中。“abcabcabc”这样的重复"));
    let in_english = said("en", reason);
    assert!(
        in_english.starts_with("This password is soon guessed. Repeats such as"),
        "{in_english}"
    );
    assert_eq!(
        said("en", measure),
        "This password is soon guessed. Choose several words that have nothing to do with each other."
    );
}

#[test]
fn what_is_wrong_with_a_query_is_named() {
    let client = Client::speaking(&sqlite(), Language::Zh).log_in();
    let ask = |query: &str| {
        let request = TestRequest::get().uri(&format!("/api/v1/visits{query}"));
        let (said, rest) = taken_apart(&client.send(wishing(request, Some("en"))), Language::En);
        assert_eq!((&rest["status"], &rest["code"]), (&json!(400), &json!("bad-query")));
        (rest["errors"][0]["pointer"].as_str().expect("a pointer").to_owned(), said[0].clone())
    };
    let (pointer, said) = ask("?from=2026-02-30");
    assert_eq!(pointer, "/from");
    assert!(said.contains("\"from\" cannot be \"2026-02-30\""), "{said}");
    let (pointer, said) = ask("?area=east&day=2026-03-02");
    assert_eq!(pointer, "/day");
    assert!(said.contains("no parameter \"day\" here, but these: from, to, area"), "{said}");
    let (_, said) = ask("?area=east&area=west");
    assert!(said.contains("\"area\" is there twice"), "{said}");
}

#[test]
fn what_varies_by_more_keeps_that() {
    let client = Client::speaking(&sqlite(), Language::Zh).log_in();
    let reply = client.get("/api/v1/visits");
    let vary: Vec<_> = reply.headers.get_all("vary").collect();
    assert_eq!(vary, ["accept-encoding", "accept-language"]);
    assert_eq!(reply.headers.get("content-language").expect("a language"), "zh");
    // the document is in English alone
    assert_eq!(client.get("/api/v1/openapi.json").headers.get("content-language"), None);
}
