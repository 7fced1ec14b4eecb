//! The REST interface, in process: every route, every kind of error, and the document.

use crate::support::county::{
    DAIRY, NOODLES, credit_code, enterprise, pool, request, scenario, settle, with,
};
use crate::support::database::{Database, moved_by_hand, on_both, sqlite};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{rt, test as actix};
use onevisit::app::access::login;
use onevisit::app::planning::worker;
use onevisit::app::{App, AppOptions, Caller, StoreOptions};
use onevisit::domain::Language;
use onevisit::http::limits::{LimitOptions, Limits};
use onevisit::http::server::{application, openapi};
use serde_json::{Value, json};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

pub const PASSWORD: &str = "correct horse battery";

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn etag(&self) -> String {
        self.headers.get("etag").expect("an ETag").to_str().expect("text").to_owned()
    }

    /// Status and code of a problem document, whose form is checked.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers.get("content-type").expect("a type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["type"], "about:blank");
        let id = self.headers.get("x-request-id").expect("an id").to_str().expect("text");
        assert_eq!(problem["request_id"], id);
        assert!(
            problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')),
            "{problem}"
        );
        (self.status.as_u16(), problem["code"].as_str().expect("a code").to_owned())
    }
}

/// Answers a request.
type Service = Box<dyn Fn(actix::TestRequest) -> Pin<Box<dyn Future<Output = Reply>>>>;

/// A client of the application in this process; notes which routes it visited.
pub struct Client {
    pub app: Arc<App>,
    pub limits: Arc<Limits>,
    /// Seconds that the clock has gone on.
    pub past: Arc<AtomicI64>,
    pub token: RefCell<Option<String>>,
    visited: Rc<RefCell<BTreeSet<String>>>,
    /// The application, set up at the first call.
    service: OnceCell<Service>,
    system: rt::SystemRunner,
}

/// Sets the application up, as a server does once for many requests.
async fn service(
    app: Arc<App>,
    limits: Arc<Limits>,
    visited: Rc<RefCell<BTreeSet<String>>>,
) -> Service {
    let service = Rc::new(actix::init_service(application(app, limits)).await);
    Box::new(move |request| {
        let request = request.to_request();
        visited.borrow_mut().insert(format!("{} {}", request.method(), request.path()));
        let service = Rc::clone(&service);
        Box::pin(async move {
            let response = actix::call_service(&*service, request).await;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = actix::read_body(response).await.to_vec();
            Reply { status, headers, body }
        })
    })
}

impl Client {
    pub fn new(database: &Database) -> Self {
        Self::limited(database, &LimitOptions::default())
    }

    pub fn limited(database: &Database, limits: &LimitOptions) -> Self {
        Self::open(database, limits, Language::En)
    }

    /// One of a server that speaks this language to those who ask for none.
    pub fn speaking(database: &Database, language: Language) -> Self {
        Self::open(database, &LimitOptions::default(), language)
    }

    fn open(database: &Database, limits: &LimitOptions, language: Language) -> Self {
        let past = Arc::new(AtomicI64::new(0));
        let options = AppOptions { language, ..moved_by_hand(&past) };
        let opened = App::open(&database.address, &StoreOptions::default(), options);
        let app = opened.expect("it opens").0;
        settle(&app);
        login::ensure_first(&app, "admin", PASSWORD).expect("a user");
        let (app, limits) = (Arc::new(app), Arc::new(Limits::new(limits)));
        Self {
            app,
            limits,
            past,
            token: RefCell::new(None),
            visited: Rc::default(),
            service: OnceCell::new(),
            system: rt::System::new(),
        }
    }

    pub fn logged_in(database: &Database) -> Self {
        Self::new(database).log_in()
    }

    /// The same with a session of the first user.
    pub fn log_in(self) -> Self {
        let body = json!({ "name": "admin", "password": PASSWORD });
        let reply = self.post("/api/v1/session", &body);
        assert_eq!(reply.status, StatusCode::OK);
        let token = reply.json()["token"].as_str().expect("a token").to_owned();
        *self.token.borrow_mut() = Some(token);
        self
    }

    pub fn send(&self, request: actix::TestRequest) -> Reply {
        let request = match &*self.token.borrow() {
            Some(token) => request.insert_header(("Authorization", format!("Bearer {token}"))),
            None => request,
        };
        let service = self.service.get_or_init(|| {
            let (app, limits) = (Arc::clone(&self.app), Arc::clone(&self.limits));
            self.system.block_on(service(app, limits, Rc::clone(&self.visited)))
        });
        self.system.block_on(service(request))
    }

    pub fn get(&self, uri: &str) -> Reply {
        self.send(actix::TestRequest::get().uri(uri))
    }

    pub fn post(&self, uri: &str, body: &Value) -> Reply {
        self.send(actix::TestRequest::post().uri(uri).set_json(body))
    }

    pub fn put(&self, uri: &str, etag: &str, body: &Value) -> Reply {
        let request = actix::TestRequest::put().uri(uri).set_json(body);
        self.send(request.insert_header(("If-Match", etag)))
    }

    /// Does the planning work that waits.
    pub fn work(&self) {
        while worker::step(&self.app, &AtomicBool::new(false)).expect("work") {}
    }
}

#[test]
fn the_document_is_as_committed() {
    let document = serde_json::to_string_pretty(&openapi()).expect("JSON");
    insta::assert_snapshot!("openapi", document);
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    for (schema, wanted) in [("RunState", "queued"), ("Kind", "random_draw"), ("Grade", "A")] {
        let values = &document["components"]["schemas"][schema]["enum"];
        assert!(
            values.as_array().is_some_and(|v| v.contains(&json!(wanted))),
            "{schema}: {values}"
        );
    }
    // whatever is referred to is there
    let text = document.to_string();
    for (at, _) in text.match_indices("#/components/") {
        let path = &text[at + 1..at + text[at..].find('"').expect("an end")];
        assert!(document.pointer(path).is_some(), "{path}");
    }
}

/// Routes of the document: method and address, parameters as they are.
pub fn routes() -> Vec<(String, String)> {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").clone();
    let methods = |(path, methods): (String, Value)| {
        let methods = methods.as_object().expect("methods").clone();
        methods.into_iter().map(move |(method, _)| (method.to_uppercase(), path.clone()))
    };
    paths.into_iter().flat_map(methods).collect()
}

pub fn request_to(method: &str, uri: &str) -> actix::TestRequest {
    let method = method.parse().expect("a method");
    actix::TestRequest::default().method(method).uri(uri)
}

#[test]
fn every_route_but_log_in_health_and_documents_needs_a_token() {
    let database = sqlite();
    let client = Client::new(&database);
    let open =
        ["POST /api/v1/session", "POST /api/v1/session/refresh", "GET /healthz", "GET /readyz"];
    let routes = routes();
    assert!(routes.len() > 40, "{}", routes.len());
    let forged = {
        let claims = json!({ "iss": "onevisit", "aud": "onevisit-api", "sub": "x", "name": "x",
            "iat": 0, "exp": 4_000_000_000_u64 });
        let key = jsonwebtoken::EncodingKey::from_secret(b"not the server's");
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).expect("a token")
    };
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!(
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.",
        forged.split('.').nth(1).expect("claims")
    );
    for (method, path) in routes {
        if open.contains(&format!("{method} {path}").as_str()) {
            continue;
        }
        let uri = path.replace("{id}", "x").replace("{version}", "1").replace("{kind}", "areas");
        let none = client.send(request_to(&method, &uri));
        assert_eq!(none.headers.get("www-authenticate").expect("how"), "Bearer");
        assert_eq!(none.problem(), (401, "token-missing".into()), "{method} {path}");
        for bad in ["nonsense", &forged, &unsigned] {
            let header = ("Authorization", format!("Bearer {bad}"));
            let reply = client.send(request_to(&method, &uri).insert_header(header));
            assert_eq!(reply.problem(), (401, "bad-token".into()), "{method} {path}");
        }
    }
    for path in ["/", "/docs/", "/api/v1/openapi.json", "/healthz", "/readyz"] {
        let reply = client.get(path);
        assert_eq!(reply.status, StatusCode::OK, "{path}");
    }
}

#[test]
fn the_browsable_page_needs_no_outside_network() {
    let database = sqlite();
    let client = Client::new(&database);
    let page = String::from_utf8(client.get("/docs/").body).expect("text");
    assert!(page.contains("swagger-ui"));
    for text in [page, String::from_utf8(client.get("/").body).expect("text")] {
        for link in text.split(['"', '\'']).filter(|part| part.contains("://")) {
            let is_here = link.contains("w3.org") || link.contains("127.0.0.1");
            assert!(is_here, "{link}");
        }
    }
    assert_eq!(client.get("/docs/swagger-ui-bundle.js").status, StatusCode::OK);
    // by default the page shows a badge of another server
    let start = String::from_utf8(client.get("/docs/swagger-initializer.js").body).expect("text");
    assert!(start.contains("\"validatorUrl\": \"none\""), "{start}");
}

#[test]
fn a_token_lasts_as_long_as_it_says() {
    let database = sqlite();
    let client = Client::new(&database);
    let wrong = json!({ "name": "admin", "password": "wrong" });
    assert_eq!(client.post("/api/v1/session", &wrong).problem(), (401, "bad-credentials".into()));
    let nobody = json!({ "name": "nobody", "password": PASSWORD });
    assert_eq!(client.post("/api/v1/session", &nobody).problem(), (401, "bad-credentials".into()));
    let partial = json!({ "name": "admin" });
    assert_eq!(client.post("/api/v1/session", &partial).problem(), (422, "missing-field".into()));
    let client = Client::logged_in(&sqlite());
    // and as long as another server's clock may be behind
    client.past.store(15 * 60 + 29, Ordering::Relaxed);
    assert_eq!(client.get("/api/v1/areas").status, StatusCode::OK);
    client.past.store(15 * 60 + 30, Ordering::Relaxed);
    assert_eq!(client.get("/api/v1/areas").problem(), (401, "token-expired".into()));
    let weak = login::ensure_first(&client.app, "second", "short");
    assert!(weak.is_err());
}

/// Takes the client through every route with sound input.
fn tour(client: &Client) {
    let get = |uri: &str| {
        let reply = client.get(uri);
        assert_eq!(reply.status, StatusCode::OK, "{uri}: {}", String::from_utf8_lossy(&reply.body));
        reply
    };
    let create = |kind: &str, body: Value| {
        let reply = client.post(&format!("/api/v1/{kind}"), &body);
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert_eq!(reply.status, StatusCode::CREATED, "{kind}: {text}");
        let address = reply.headers.get("location").expect("an address").to_str().expect("text");
        let mut filed = reply.json();
        // what the rules had to say is reported once
        filed.as_object_mut().expect("an object").remove("findings");
        assert_eq!(get(address).json(), filed, "what was filed is what is read back");
        reply
    };
    get("/healthz");
    get("/readyz");
    let name = json!({ "zh": "北镇", "en": "North" });
    create("areas", json!({ "id": "north", "name": name }));
    create("departments", json!({ "id": "water", "name": name }));
    create("pools", pool("water", "water", Some("north")));
    create("enterprises", enterprise(&credit_code(3), "north", "6210"));
    let assumed = |value: i64| json!({ "value": value, "assumed": true });
    create(
        "items",
        json!({
            "id": "drains", "department": "water", "name": name, "minutes": assumed(20),
            "inspectors": assumed(2)
        }),
    );
    let mut second = with(scenario(), json!({ "id": "canteens" }));
    second["limits"]["max_minutes"] = assumed(90);
    create("scenarios", second.clone());
    let again = client.post("/api/v1/scenarios", &second);
    assert_eq!(again.status, StatusCode::OK, "the same again");
    for list in [
        "areas",
        "departments",
        "pools?department=water",
        "enterprises?risk=B&area=north",
        "items?department=water",
        "scenarios?limit=1",
    ] {
        let page = get(&format!("/api/v1/{list}")).json();
        assert!(!page["items"].as_array().expect("items").is_empty(), "{list}");
    }
    // files
    let file = "编号,名称\nsouth,南镇\nbad id,坏镇\n";
    let send = |query: &str| {
        let uri = format!("/api/v1/register/areas/import{query}");
        client.send(actix::TestRequest::post().uri(&uri).set_payload(file)).json()
    };
    let refused = send("");
    assert_eq!((&refused["outcome"], &refused["defective"]), (&json!("refused"), &json!(1)));
    assert_eq!(refused["defects"][0]["code"], "bad-id");
    assert_eq!(
        (&refused["defects"][0]["line"], &refused["defects"][0]["column"]),
        (&json!(3), &json!("编号"))
    );
    assert!(refused["mend"].as_str().is_some_and(|mend| mend.contains("坏镇")));
    assert_eq!(send("?accept_good=true")["outcome"], "good_rows_taken");
    assert_eq!(get("/api/v1/areas/south").json()["name"]["zh"], "南镇");
    let page = get("/api/v1/register/areas?limit=1").json();
    assert_eq!((&page["items"][0]["id"], &page["next"]), (&json!("east"), &json!("east")));
    let export = get("/api/v1/register/areas/export?form=csv&lang=en");
    assert_eq!(export.headers.get("content-type").expect("a type"), "text/csv; charset=utf-8");
    assert!(
        String::from_utf8(export.body).is_ok_and(|text| text.contains("south,南镇,南镇,town,"))
    );
    let template = get("/api/v1/register/enterprises/template");
    assert!(template.body.starts_with(b"PK"));
    let name = template.headers.get("content-disposition").expect("a name").to_str().expect("text");
    assert_eq!(name, "attachment; filename=\"enterprises-template.xlsx\"");
    let report = get("/api/v1/authority-report?day=2026-03-02").json();
    assert_eq!(report["gaps"].as_array().map(Vec::len), Some(5), "nobody was given anything yet");
    let form = get("/api/v1/check-form?items=food,licence").json();
    assert_eq!((&form["checks"], &form["items"]), (&json!(0), &json!(["food", "licence"])));
    let read = get("/api/v1/pools/fire");
    let mut fire = read.json();
    fire["minutes"] = json!(900);
    let changed = client.put("/api/v1/pools/fire", &read.etag(), &fire);
    assert_eq!((changed.status, changed.etag().as_str()), (StatusCode::OK, "\"v2\""));
    // requests
    let filed = create("requests", request("licence", NOODLES)).json();
    let referred = with(request("exits", NOODLES), json!({ "reference": "F-1" }));
    create("requests", referred.clone());
    assert_eq!(client.post("/api/v1/requests", &referred).status, StatusCode::OK);
    let regretted = create("requests", request("food", NOODLES)).json();
    let address = format!("/api/v1/requests/{}", regretted["id"].as_str().expect("an id"));
    let withdrawn = client.send(actix::TestRequest::delete().uri(&address));
    assert_eq!(withdrawn.json()["state"], "withdrawn");
    // whoever coordinates files, and the head of the body approves
    let approve = |filed: &Value| {
        let (id, note) =
            (filed["id"].as_str().expect("an id"), crate::support::database::read(json!({})));
        onevisit::app::requests::handling::approve(&client.app, &Caller::local(), id, &note)
            .expect("approved")
    };
    for filed in [&filed, &client.post("/api/v1/requests", &referred).json()] {
        assert_eq!(filed["state"], "approval_pending");
        approve(filed);
    }
    let filed = get(&format!("/api/v1/requests/{}", filed["id"].as_str().expect("an id"))).json();
    let query = format!(
        "/api/v1/requests?state=accepted&kind=daily&enterprise={NOODLES}\
        &from=2026-03-01&to=2026-03-31&department=market&item=licence"
    );
    assert_eq!(get(&query).json()["items"], json!([filed]));
    crate::filing::tour(client);
    // plans of inspection and random draws
    crate::draws::settle(&client.app);
    let made = create("draws", crate::draws::plan()).json();
    let draw = format!("/api/v1/draws/{}", made["id"].as_str().expect("an id"));
    assert_eq!(get("/api/v1/draws?department=market").json()["items"], json!([made]));
    assert_eq!(get(&format!("{draw}/publication")).json()["format"], "onevisit-draw/1");
    let revealed = client.post(&format!("{draw}/reveal"), &json!({}));
    assert_eq!(
        (revealed.status, revealed.json()["state"].as_str()),
        (StatusCode::OK, Some("revealed"))
    );
    let drafted = create("inspection-plans", crate::campaigns::campaign());
    let plan =
        format!("/api/v1/inspection-plans/{}", drafted.json()["id"].as_str().expect("an id"));
    let listed = get("/api/v1/inspection-plans?state=draft").json();
    assert_eq!(listed["items"][0]["id"], drafted.json()["id"]);
    let mut etag = client.put(&plan, &drafted.etag(), &crate::campaigns::campaign()).etag();
    let approval = json!({
        "approved_by": "government", "approval_number": "7", "approved_on": "2026-03-01"
    });
    for (verb, body) in [
        ("approve", approval),
        ("file", json!({})),
        ("publish", json!({})),
        ("close", json!({ "reason": "it is over" })),
    ] {
        let request = actix::TestRequest::post().uri(&format!("{plan}/{verb}")).set_json(body);
        let reply = client.send(request.insert_header(("If-Match", etag)));
        assert_eq!(reply.status, StatusCode::OK, "{verb}");
        etag = reply.etag();
    }
    // policy and targets
    let read = get("/api/v1/policy");
    let mut policy = read.json()["policy"].clone();
    policy["attendance_cost"] = json!(12);
    let new = json!({ "note": "dearer", "policy": policy });
    let set = client.put("/api/v1/policy", &read.etag(), &new);
    assert_eq!((set.status, set.etag().as_str()), (StatusCode::OK, "\"v2\""));
    assert_eq!(get("/api/v1/policies/2").json(), set.json());
    assert_eq!(get("/api/v1/policies").json()["items"].as_array().map(Vec::len), Some(2));
    let target = json!({
        "id": "fire", "measure": "scheduled", "department": "fire", "at_least": 0.75,
        "shortfall_cost": 40
    });
    let etag = get("/api/v1/targets").etag();
    let set = client.put("/api/v1/targets/fire", &etag, &target);
    assert_eq!(set.json(), target);
    let delete = actix::TestRequest::delete().uri("/api/v1/targets/fire");
    let gone = client.send(delete.insert_header(("If-Match", set.etag())));
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    // planning
    let march = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 2_000 });
    let reply = client.post("/api/v1/runs", &march);
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    let address = reply.headers.get("location").expect("an address").to_str().expect("text");
    assert_eq!(get(address).json()["state"], "queued");
    let cancelled = client.post(&format!("{address}/cancel"), &json!({}));
    assert_eq!(cancelled.json()["is_cancelled"], true);
    client.work();
    let run = get(address).json();
    assert_eq!(run["state"], "done");
    assert_eq!(get("/api/v1/runs?state=done").json()["items"], json!([run]));
    let events = get(&format!("{address}/events"));
    assert_eq!(events.headers.get("content-type").expect("a type"), "text/event-stream");
    let text = String::from_utf8(events.body).expect("text");
    assert!(text.contains("event: run\n") && text.contains("\"state\":\"done\""), "{text}");
    let problem = format!("/api/v1/problems/{}", run["problem"].as_str().expect("an id"));
    assert_eq!(get(&problem).json()["format"], "onevisit-problem/1");
    let query = format!("{problem}/sources?request={}", filed["id"].as_str().expect("an id"));
    assert!(get(&query).json()["items"].as_array().is_some_and(|list| list.len() >= 3));
    let plan = format!("/api/v1/plans/{}", run["plan"].as_str().expect("an id"));
    let read = get(&plan);
    assert_eq!(read.json()["report"]["joint_visits"], 1);
    assert_eq!(get(&format!("{plan}/file")).json()["format"], "onevisit-plan/1");
    let visits = get(&format!("{plan}/visits")).json();
    assert_eq!(visits["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(get("/api/v1/visits").json()["items"], json!([]), "nothing is published");
    let publish = |etag: &str| {
        let request = actix::TestRequest::post().uri(&format!("{plan}/publish"));
        client.send(request.insert_header(("If-Match", etag)))
    };
    let published = publish(&read.etag());
    assert_eq!(published.json()["state"], "published");
    assert_eq!(published.json()["published_by"], "admin");
    assert_eq!(publish(&published.etag()).problem(), (409, "not-a-draft".into()));
    assert_eq!(
        get("/api/v1/plans?state=published").json()["items"].as_array().map(Vec::len),
        Some(1)
    );
    // the schedule
    let day = visits["items"][0]["day"].as_str().expect("a day");
    for (query, n) in [
        (format!("from={day}&to={day}"), 1),
        ("department=fire".into(), 1),
        ("department=water".into(), 0),
        ("area=east".into(), 1),
        ("area=west".into(), 0),
        (format!("enterprise={NOODLES}"), 1),
        (format!("enterprise={DAIRY}"), 0),
        ("from=2026-04-01".into(), 0),
    ] {
        let page = get(&format!("/api/v1/visits?{query}")).json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(n), "{query}");
    }
    let draft = &visits["items"][0];
    assert_eq!(draft["state"], "drafted");
    let address = format!("/api/v1/visits/{}", draft["id"].as_str().expect("an id"));
    let visit = get(&address).json();
    assert_eq!((&visit["state"], &visit["revision"]), (&json!("scheduled"), &json!(1)));
    assert_eq!(visit["requests"], draft["requests"]);
    // who goes, and who may do what
    let filer = json!({
        "name": "filer", "password": "a filer's long one", "roles": ["filer", "member"],
        "departments": ["market"]
    });
    let added = create("users", filer).json();
    let user = format!("/api/v1/users/{}", added["id"].as_str().expect("an id"));
    assert_eq!(get("/api/v1/users").json()["items"].as_array().map(Vec::len), Some(2));
    let etag = get(&user).etag();
    let bound =
        json!({ "roles": ["filer", "member"], "departments": ["market"], "areas": ["east"] });
    assert_eq!(client.put(&user, &etag, &bound).json()["areas"], json!(["east"]));
    let password = json!({ "new": "quite another one" });
    let set = client.put(&format!("{user}/password"), "", &password);
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    let team = format!("/api/v1/requests/{}/team", filed["id"].as_str().expect("an id"));
    let members = json!({ "members": ["filer"] });
    assert_eq!(client.put(&team, "", &members).json(), members);
    assert_eq!(get(&team).json(), members);
    // one's own account
    assert_eq!(get("/api/v1/me").json()["name"], "admin");
    let made = client.post("/api/v1/me/tokens", &json!({ "name": "map", "scopes": ["read"] }));
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(get("/api/v1/me/tokens").json()["items"].as_array().map(Vec::len), Some(1));
    let token = format!("/api/v1/me/tokens/{}", made.json()["id"].as_str().expect("an id"));
    let revoked = client.send(actix::TestRequest::delete().uri(&token));
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    // supervision
    assert_eq!(get("/api/v1/alarms").json()["items"], json!([]));
    let page = get("/api/v1/audit?kind=plan&limit=1").json();
    assert_eq!(page["items"][0]["action"], "plan.publish");
    // a second plan, compared and refused because a third was faster
    let file = |item: &str| create("requests", request(item, DAIRY));
    approve(&file("fumes").json());
    let submit = || {
        let reply = client.post("/api/v1/runs", &march);
        let address = reply.headers.get("location").expect("an address").to_str().expect("text");
        client.work();
        get(address).json()["plan"].as_str().expect("an id").to_owned()
    };
    let (second, third) = (submit(), submit());
    let old = run["plan"].as_str().expect("an id");
    let compared = get(&format!("/api/v1/plans/{second}/compare?with={old}")).json();
    assert_eq!(compared["added"].as_array().map(Vec::len), Some(1));
    assert_eq!((&compared["unchanged"], &compared["is_same_problem"]), (&json!(2), &json!(false)));
    let publish = |id: &str| {
        let request = actix::TestRequest::post().uri(&format!("/api/v1/plans/{id}/publish"));
        client.send(request.insert_header(("If-Match", "\"v1\"")))
    };
    assert_eq!(publish(&third).status, StatusCode::OK);
    assert_eq!(publish(&second).problem(), (409, "parent-superseded".into()));
    assert_eq!(get(&plan).json()["state"], "superseded");
    assert_eq!(get("/api/v1/visits").json()["items"].as_array().map(Vec::len), Some(2));
    // a new password ends the session; so does logging out
    let own = json!({ "old": PASSWORD, "new": "battery staple horse" });
    assert_eq!(client.put("/api/v1/me/password", "", &own).status, StatusCode::NO_CONTENT);
    assert_eq!(client.get("/api/v1/me").problem(), (401, "session-ended".into()));
    let body = json!({ "name": "admin", "password": "battery staple horse" });
    let session = client.post("/api/v1/session", &body).json();
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    let session = client.post("/api/v1/session/refresh", &refresh).json();
    *client.token.borrow_mut() = session["token"].as_str().map(Into::into);
    let end = client.send(actix::TestRequest::delete().uri("/api/v1/session"));
    assert_eq!(end.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get("/api/v1/me").problem(), (401, "session-ended".into()));
}

#[test]
fn every_route_works_on_both_databases() {
    on_both(|database| {
        let client = Client::logged_in(database);
        tour(&client);
        let visited = client.visited.borrow();
        let missed: Vec<(String, String)> = routes()
            .into_iter()
            .filter(|(method, path)| {
                let segments: Vec<&str> = path.split('/').collect();
                !visited.iter().any(|seen| {
                    let (seen_method, seen_path) = seen.split_once(' ').expect("two words");
                    let seen: Vec<&str> = seen_path.split('/').collect();
                    seen_method == method
                        && seen.len() == segments.len()
                        && seen.iter().zip(&segments).all(|(a, b)| a == b || b.starts_with('{'))
                })
            })
            .collect();
        assert!(missed.is_empty(), "{missed:?}");
    });
}

#[test]
fn errors_are_problem_documents() {
    let database = sqlite();
    let client = Client::logged_in(&database);
    let problem = |reply: Reply| reply.problem();
    assert_eq!(problem(client.get("/api/v1/nothing")), (404, "no-such-route".into()));
    assert_eq!(problem(client.get("/api/v1/areas/none")), (404, "not-found".into()));
    assert_eq!(problem(client.get("/api/v1/policies/one")), (404, "not-found".into()));
    assert_eq!(problem(client.get("/api/v1/policies/9")), (404, "not-found".into()));
    let delete = client.send(actix::TestRequest::delete().uri("/api/v1/areas/east"));
    assert_eq!(delete.headers.get("allow").expect("what is allowed"), "GET");
    assert_eq!(problem(delete), (405, "method-not-allowed".into()));
    for path in ["/healthz", "/api/v1/areas", "/"] {
        let head = client.send(request_to("HEAD", path));
        assert_eq!(head.status, StatusCode::OK, "{path}");
    }
    let strange = request_to("GET", "/api/v1/areas");
    let strange = strange.insert_header(("Accept-Encoding", "identity;q=0, foo"));
    assert_eq!(problem(client.send(strange)).0, 406);
    for uri in [
        "/api/v1/requests?colour=red",
        "/api/v1/requests?kind=hourly",
        "/api/v1/visits?from=tomorrow",
        "/api/v1/areas?limit=many",
    ] {
        assert_eq!(problem(client.get(uri)), (400, "bad-query".into()), "{uri}");
    }
    let reply = client.get("/api/v1/areas?limit=many");
    assert_eq!(reply.json()["errors"][0]["pointer"], "/limit", "{}", reply.json());
    assert_eq!(problem(client.get("/api/v1/areas?limit=0")), (422, "out-of-range".into()));
    assert_eq!(problem(client.get("/api/v1/register/colours")), (404, "not-found".into()));
    assert_eq!(
        problem(client.get("/api/v1/register/areas/export?form=pdf")),
        (400, "bad-query".into())
    );
    assert_eq!(
        problem(client.get("/api/v1/check-form?items=food,x")),
        (422, "unknown-item".into())
    );
    let import = |body: Vec<u8>| {
        let uri = "/api/v1/register/areas/import";
        client.send(actix::TestRequest::post().uri(uri).set_payload(body)).problem()
    };
    assert_eq!(import("编号,颜色,名称\n".into()), (422, "unknown-column".into()));
    assert_eq!(import(vec![b'x'; (64 << 20) + 1]), (413, "too-large".into()));
    assert_eq!(problem(client.get("/api/v1/visits?cursor=x")), (400, "bad-cursor".into()));
    assert_eq!(problem(client.get("/api/v1/policies?cursor=x")), (400, "bad-cursor".into()));
    assert_eq!(
        problem(client.get("/api/v1/enterprises?industry=6%25")),
        (422, "bad-industry".into())
    );
    let text = actix::TestRequest::post().uri("/api/v1/areas").set_payload("{");
    assert_eq!(problem(client.send(text)), (400, "not-json".into()));
    let large = "x".repeat(5_000_000);
    let text = actix::TestRequest::post().uri("/api/v1/areas").set_payload(large);
    assert_eq!(problem(client.send(text)), (413, "too-large".into()));
    // every defect at once, with pointers
    let bad = json!({
        "id": "91990000MA0000007Y", "name": { "zh": " ", "en": "x" }, "area": "a b",
        "industry": "9911", "risk": "E", "credit_grade": "A", "colour": "red"
    });
    let reply = client.post("/api/v1/enterprises", &bad);
    assert_eq!(reply.problem(), (422, "invalid".into()));
    let body = reply.json();
    let reported: BTreeSet<(&str, &str)> = body["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|e| (e["pointer"].as_str().expect("it"), e["code"].as_str().expect("it")))
        .collect();
    let wanted = [
        ("/area", "bad-id"),
        ("/colour", "unknown-field"),
        ("/id", "bad-credit-code"),
        ("/industry", "bad-industry"),
        ("/name/zh", "blank"),
        ("/risk", "unknown-value"),
    ];
    assert_eq!(reported, wanted.into_iter().collect());
    // versions
    let fire = client.get("/api/v1/pools/fire").json();
    let put = actix::TestRequest::put().uri("/api/v1/pools/fire").set_json(&fire);
    assert_eq!(problem(client.send(put)), (428, "if-match-missing".into()));
    assert_eq!(problem(client.put("/api/v1/pools/fire", "3", &fire)), (400, "bad-if-match".into()));
    let stale = client.put("/api/v1/pools/fire", "\"v7\"", &fire);
    assert_eq!(problem(stale), (412, "version-changed".into()));
    let other = client.put("/api/v1/pools/market", "\"v1\"", &fire);
    assert_eq!(problem(other), (422, "id-differs".into()));
    let twice = json!({ "id": "east", "name": { "zh": "镇", "en": "Town" } });
    assert_eq!(problem(client.post("/api/v1/areas", &twice)), (409, "taken".into()));
    for uri in ["/api/v1/areas/%00", "/api/v1/areas?cursor=%00", "/api/v1/requests?item=a%00"] {
        assert_eq!(problem(client.get(uri)), (400, "bad-request".into()), "{uri}");
    }
    let nul = json!({ "name": "\0", "password": "x" });
    assert_eq!(problem(client.post("/api/v1/session", &nul)), (422, "bad-text".into()));
    // of very many unknown fields a thousand are gathered, and a hundred reported
    let many: serde_json::Map<String, Value> =
        (0..100_000).map(|i| (format!("f{i}"), json!(0))).collect();
    let reply = client.post("/api/v1/requests", &Value::Object(many));
    assert_eq!(reply.problem(), (422, "invalid".into()));
    assert_eq!(reply.json()["more_errors"], 1_000 - 100);
    // a name that looks like SQL is a name
    let id = "x'; DROP TABLE areas; --".replace(' ', "%20");
    assert_eq!(problem(client.get(&format!("/api/v1/areas/{id}"))), (404, "not-found".into()));
    assert_eq!(client.get("/api/v1/areas").status, StatusCode::OK);
}
