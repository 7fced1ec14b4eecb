//! The tables, as `migrations/` make them.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    areas (id) {
        id -> Text,
        name_zh -> Text,
        name_en -> Text,
        version -> BigInt,
        level -> Text,
        parent_id -> Nullable<Text>,
    }
}

table! {
    departments (id) {
        id -> Text,
        name_zh -> Text,
        name_en -> Text,
        version -> BigInt,
        level -> Nullable<Text>,
        area_id -> Nullable<Text>,
    }
}

table! {
    pools (id) {
        id -> Text,
        department_id -> Text,
        area_id -> Nullable<Text>,
        minutes -> BigInt,
        attendance_minutes -> BigInt,
        overtime_minutes -> BigInt,
        version -> BigInt,
    }
}

table! { pool_days (pool_id, day) { pool_id -> Text, day -> Date, minutes -> BigInt, } }

table! {
    enterprises (id) {
        id -> Text,
        name_zh -> Text,
        name_en -> Text,
        area_id -> Text,
        industry -> Text,
        risk -> Text,
        credit_grade -> Text,
        last_counted -> Nullable<Date>,
        version -> BigInt,
        subject -> Text,
        longitude_microdegrees -> Nullable<BigInt>,
        latitude_microdegrees -> Nullable<BigInt>,
        is_joint_opt_out -> Bool,
        open_weekdays -> Text,
        safety_level -> Nullable<Text>,
        is_designated -> Bool,
    }
}

table! {
    items (id) {
        id -> Text,
        department_id -> Text,
        name_zh -> Text,
        name_en -> Text,
        minutes -> BigInt,
        is_minutes_assumed -> Bool,
        inspectors -> BigInt,
        is_inspectors_assumed -> Bool,
        version -> BigInt,
        legal_basis -> Nullable<Text>,
        method -> Text,
        qualification -> Nullable<Text>,
        published_from -> Nullable<Date>,
        published_to -> Nullable<Date>,
        notice_days -> BigInt,
        valid_days -> BigInt,
        class -> Nullable<Text>,
    }
}

table! {
    bodies (id) {
        id -> Text,
        name_zh -> Text,
        name_en -> Text,
        department_id -> Text,
        area_id -> Text,
        role -> Text,
        version -> BigInt,
    }
}

table! {
    inspectors (id) {
        id -> Text,
        name -> Text,
        body_id -> Text,
        pool_id -> Nullable<Text>,
        certificate -> Text,
        certificate_from -> Date,
        certificate_to -> Date,
        qualifications -> Text,
        minutes -> BigInt,
        version -> BigInt,
    }
}

table! {
    absences (id) {
        id -> Text,
        inspector_id -> Text,
        first_day -> Date,
        last_day -> Date,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    recusals (id) {
        id -> Text,
        inspector_id -> Text,
        enterprise_id -> Text,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    grades (id) {
        id -> Text,
        enterprise_id -> Text,
        from_day -> Date,
        risk -> Text,
        credit_grade -> Text,
        version -> BigInt,
    }
}

table! {
    listings (id) {
        id -> Text,
        enterprise_id -> Text,
        list -> Text,
        department_id -> Nullable<Text>,
        first_day -> Date,
        last_day -> Nullable<Date>,
        note -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    quiet_periods (id) {
        id -> Text,
        enterprise_id -> Nullable<Text>,
        area_id -> Nullable<Text>,
        first_day -> Date,
        last_day -> Date,
        month_first -> Nullable<BigInt>,
        month_last -> Nullable<BigInt>,
        note -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    closures (id) {
        id -> Text,
        enterprise_id -> Text,
        first_day -> Date,
        last_day -> Date,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    checks (id) {
        id -> Text,
        item_id -> Text,
        number -> BigInt,
        standard -> Nullable<Text>,
        text_zh -> Text,
        text_en -> Text,
        version -> BigInt,
    }
}

table! {
    authorities (id) {
        id -> Text,
        item_id -> Text,
        body_id -> Text,
        area_id -> Text,
        act -> Text,
        from_day -> Date,
        until_day -> Nullable<Date>,
        delegator_id -> Nullable<Text>,
        document -> Nullable<Text>,
        version -> BigInt,
    }
}

table! { scenarios (id) { id -> Text, lead_id -> Text, document -> Text, version -> BigInt, } }

table! { scenario_items (scenario_id, item_id) { scenario_id -> Text, item_id -> Text, } }

table! {
    requests (id) {
        id -> Text,
        reference -> Nullable<Text>,
        department_id -> Text,
        enterprise_id -> Text,
        item_id -> Text,
        kind -> Text,
        earliest -> Date,
        latest -> Date,
        due -> Nullable<Date>,
        minutes -> BigInt,
        inspectors -> BigInt,
        is_exempt -> Bool,
        is_quiet_exempt -> Bool,
        together -> Nullable<Text>,
        is_solo -> Bool,
        note -> Nullable<Text>,
        state -> Text,
        filed_at -> Timestamp,
        filed_by -> Text,
        version -> BigInt,
        reason -> Nullable<Text>,
        plan_id -> Nullable<Text>,
        draw_id -> Nullable<Text>,
        on_site_reason -> Nullable<Text>,
        agreement -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<Timestamp>,
        approval_due -> Nullable<Date>,
        contact -> Text,
    }
}

table! {
    off_site_checks (request_id) {
        request_id -> Text,
        person -> Text,
        deadline -> Date,
        opened_at -> Timestamp,
        outcome -> Nullable<Text>,
        finding -> Nullable<Text>,
        closed_at -> Nullable<Timestamp>,
    }
}

table! {
    kept_answers (user_id, key) {
        user_id -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Nullable<BigInt>,
        body -> Nullable<Text>,
        made_at -> Timestamp,
        holder -> Nullable<Text>,
        held_at -> Timestamp,
    }
}

table! {
    kept_steps (user_id, key, number) {
        user_id -> Text,
        key -> Text,
        number -> BigInt,
        body -> Binary,
        bytes -> BigInt,
    }
}

table! {
    imports (id) {
        id -> Text,
        signature -> Text,
        is_decided -> Bool,
        holder -> Text,
        held_at -> Timestamp,
    }
}

table! {
    import_rows (import_id, place) {
        import_id -> Text,
        place -> BigInt,
        enterprise_id -> Text,
        department_id -> Text,
        reference -> Nullable<Text>,
        item_id -> Text,
        plan_id -> Nullable<Text>,
        draw_id -> Nullable<Text>,
        body -> Text,
    }
}

joinable!(import_rows -> imports (import_id));
allow_tables_to_appear_in_same_query!(imports, import_rows);

table! {
    rule_packs (number) {
        number -> BigInt,
        pack -> Text,
        document -> Nullable<Text>,
        first_day -> Date,
        note -> Text,
        made_at -> Timestamp,
        made_by -> Text,
        pinned -> Nullable<Text>,
    }
}

table! {
    policies (version) {
        version -> BigInt,
        document -> Text,
        note -> Text,
        created_at -> Timestamp,
        created_by -> Text,
    }
}

table! {
    targets (policy_version, id) {
        policy_version -> BigInt,
        id -> Text,
        measure -> Text,
        department_id -> Nullable<Text>,
        scenario_id -> Nullable<Text>,
        area_id -> Nullable<Text>,
        risk -> Nullable<Text>,
        at_least -> BigInt,
        shortfall_cost -> BigInt,
    }
}

table! {
    problems (id) {
        id -> Text,
        name -> Text,
        start_day -> Date,
        end_day -> Date,
        policy_version -> BigInt,
        parent_plan_id -> Nullable<Text>,
        file -> Binary,
        sources -> Binary,
        created_at -> Timestamp,
        created_by -> Text,
    }
}

table! {
    runs (id) {
        id -> Text,
        problem_id -> Text,
        state -> Text,
        seed -> BigInt,
        work_max -> Nullable<BigInt>,
        seconds_max -> Nullable<Double>,
        gap -> Double,
        threads -> BigInt,
        is_cancelled -> Bool,
        created_at -> Timestamp,
        created_by -> Text,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        worker -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        attempts -> BigInt,
        cost -> Nullable<BigInt>,
        bound -> Nullable<BigInt>,
        work -> Nullable<BigInt>,
        seconds -> Nullable<Double>,
        error -> Nullable<Text>,
    }
}

table! {
    plans (id) {
        id -> Text,
        run_id -> Text,
        problem_id -> Text,
        parent_id -> Nullable<Text>,
        state -> Text,
        cost -> BigInt,
        bound -> BigInt,
        report -> Text,
        created_at -> Timestamp,
        published_at -> Nullable<Timestamp>,
        published_by -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    visits (id) {
        id -> Text,
        plan_id -> Text,
        enterprise_id -> Text,
        area_id -> Text,
        day -> Date,
        scenario_id -> Nullable<Text>,
        state -> Text,
        is_scheduled -> Bool,
        revision -> BigInt,
        changed_at -> Timestamp,
    }
}

table! {
    attendances (visit_id, department_id) {
        visit_id -> Text,
        department_id -> Text,
        inspectors -> BigInt,
        minutes -> BigInt,
    }
}

table! {
    visit_requests (visit_id, request_id) {
        visit_id -> Text,
        request_id -> Text,
    }
}

table! {
    left_visits (visit_id, request_id, revision) {
        visit_id -> Text,
        request_id -> Text,
        revision -> BigInt,
        left_at -> Timestamp,
    }
}

table! {
    draft_visits (id) {
        id -> Text,
        plan_id -> Text,
        enterprise_id -> Text,
        area_id -> Text,
        day -> Date,
        scenario_id -> Nullable<Text>,
    }
}

table! { published_drafts (draft_id) { draft_id -> Text, visit_id -> Text, } }

table! {
    draft_attendances (visit_id, department_id) {
        visit_id -> Text,
        department_id -> Text,
        inspectors -> BigInt,
        minutes -> BigInt,
    }
}

table! {
    draft_requests (visit_id, request_id) {
        visit_id -> Text,
        request_id -> Text,
        plan_id -> Text,
    }
}

table! {
    left_out (plan_id, request_id) {
        plan_id -> Text,
        request_id -> Text,
        certainty -> Text,
        code -> Text,
        pool_id -> Nullable<Text>,
        penalty -> BigInt,
        extra_cost -> Nullable<BigInt>,
    }
}

table! {
    users (id) { id -> Text, name -> Text, password_hash -> Text, created_at -> Timestamp, }
}

table! { settings (name) { name -> Text, value -> Text, } }

joinable!(visits -> enterprises (enterprise_id));
joinable!(attendances -> visits (visit_id));
joinable!(visit_requests -> visits (visit_id));
joinable!(visit_requests -> requests (request_id));
joinable!(left_visits -> visits (visit_id));
joinable!(published_drafts -> draft_visits (draft_id));
joinable!(draft_attendances -> draft_visits (visit_id));
joinable!(draft_requests -> draft_visits (visit_id));
joinable!(draft_requests -> requests (request_id));
joinable!(requests -> enterprises (enterprise_id));
joinable!(requests -> items (item_id));
joinable!(off_site_checks -> requests (request_id));
allow_tables_to_appear_in_same_query!(
    attendances,
    draft_attendances,
    draft_requests,
    draft_visits,
    enterprises,
    items,
    left_out,
    left_visits,
    off_site_checks,
    plans,
    problems,
    published_drafts,
    requests,
    runs,
    visit_requests,
    visits,
);

table! {
    accounts (user_id) {
        user_id -> Text,
        subject -> Nullable<Text>,
        is_disabled -> Bool,
        version -> BigInt,
    }
}

table! { user_roles (user_id, role) { user_id -> Text, role -> Text, } }

table! { user_departments (user_id, department_id) { user_id -> Text, department_id -> Text, } }

table! { user_areas (user_id, area_id) { user_id -> Text, area_id -> Text, } }

table! { request_team (request_id, user_id) { request_id -> Text, user_id -> Text, } }

table! {
    signing_keys (kid) {
        kid -> Text,
        private_key -> Binary,
        public_key -> Binary,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        started_at -> Timestamp,
        ends_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

table! {
    refresh_tokens (hash) {
        hash -> Text,
        session_id -> Text,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

table! {
    api_tokens (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        hash -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

table! {
    login_failures (name_hash) {
        name_hash -> Text,
        failures -> BigInt,
        last_at -> Timestamp,
        locked_until -> Nullable<Timestamp>,
    }
}

table! {
    known_addresses (user_id, hash) {
        user_id -> Text,
        hash -> Text,
        last_at -> Timestamp,
    }
}

table! {
    events (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        channel -> Text,
        action -> Text,
        object_kind -> Text,
        object_id -> Text,
        details -> Text,
        commitments -> Text,
        personal -> Text,
        previous -> Text,
        hash -> Text,
    }
}

table! { stamps (name) { name -> Text, stamp -> Text, } }

joinable!(accounts -> users (user_id));
joinable!(refresh_tokens -> sessions (session_id));
allow_tables_to_appear_in_same_query!(accounts, users);
allow_tables_to_appear_in_same_query!(refresh_tokens, sessions);
allow_tables_to_appear_in_same_query!(request_team, users);
allow_tables_to_appear_in_same_query!(request_team, requests);
allow_tables_to_appear_in_same_query!(request_team, visit_requests);
allow_tables_to_appear_in_same_query!(request_team, visits);
allow_tables_to_appear_in_same_query!(request_team, draft_visits);
allow_tables_to_appear_in_same_query!(request_team, published_drafts);
allow_tables_to_appear_in_same_query!(request_team, draft_requests);

table! {
    draws (id) {
        id -> Text,
        department_id -> Text,
        area_id -> Nullable<Text>,
        start_day -> Date,
        state -> Text,
        plan -> Text,
        commitment -> Text,
        register_size -> Text,
        number_drawn -> Text,
        candidates -> BigInt,
        salt -> Text,
        seed -> Text,
        made_up_at -> Timestamp,
        made_up_by -> Text,
        revealed_at -> Nullable<Timestamp>,
        revealed_by -> Nullable<Text>,
        frozen -> Text,
        people -> Text,
        result -> Nullable<Text>,
    }
}

table! {
    open_draws (department_id, item_id) {
        department_id -> Text,
        item_id -> Text,
        draw_id -> Text,
    }
}

table! { draw_items (draw_id, item_id) { draw_id -> Text, item_id -> Text, } }

table! { draw_lots (draw_id, enterprise_id) { draw_id -> Text, enterprise_id -> Text, } }

table! {
    inspection_plans (id) {
        id -> Text,
        department_id -> Text,
        area_id -> Nullable<Text>,
        kind -> Text,
        year -> BigInt,
        state -> Text,
        plan -> Text,
        drafted_at -> Timestamp,
        drafted_by -> Text,
        approval -> Nullable<Text>,
        filed_on -> Nullable<Date>,
        published_on -> Nullable<Date>,
        closed_because -> Nullable<Text>,
        version -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(draws, draw_items, draw_lots);
