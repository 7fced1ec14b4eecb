-- Random draws, and plans of inspection that are approved, filed and published.

-- `plan`, `register_size`, `number_drawn`, `people` (inspector by what stands for him or her) and
-- `result` are JSON; `frozen` is the canonical text that the commitment goes over. `seed` is told when
-- the draw is revealed, `salt` and `people` never.
CREATE TABLE draws (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    area_id TEXT COLLATE "C" REFERENCES areas (id),
    start_day DATE NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('committed', 'revealed')),
    plan TEXT COLLATE "C" NOT NULL,
    commitment TEXT COLLATE "C" NOT NULL,
    register_size TEXT COLLATE "C" NOT NULL,
    number_drawn TEXT COLLATE "C" NOT NULL,
    candidates BIGINT NOT NULL,
    salt TEXT COLLATE "C" NOT NULL,
    seed TEXT COLLATE "C" NOT NULL,
    made_up_at TIMESTAMP NOT NULL,
    made_up_by TEXT COLLATE "C" NOT NULL,
    revealed_at TIMESTAMP,
    revealed_by TEXT COLLATE "C",
    -- the large ones last: whoever reads what stands before them does not read through them
    frozen TEXT COLLATE "C" NOT NULL,
    people TEXT COLLATE "C" NOT NULL,
    result TEXT COLLATE "C",
    CHECK ((state = 'revealed') = (result IS NOT NULL)),
    CHECK ((state = 'revealed') = (revealed_at IS NOT NULL)),
    CHECK ((state = 'revealed') = (revealed_by IS NOT NULL))
);

CREATE INDEX draws_by_department ON draws (department_id, start_day);

CREATE TABLE draw_items (
    draw_id TEXT COLLATE "C" NOT NULL REFERENCES draws (id),
    item_id TEXT COLLATE "C" NOT NULL REFERENCES items (id),
    PRIMARY KEY (draw_id, item_id)
);

CREATE INDEX draw_items_by_item ON draw_items (item_id);

-- The enterprises of each revealed draw.
CREATE TABLE draw_lots (
    draw_id TEXT COLLATE "C" NOT NULL REFERENCES draws (id),
    enterprise_id TEXT COLLATE "C" NOT NULL REFERENCES enterprises (id),
    PRIMARY KEY (draw_id, enterprise_id)
);

CREATE FUNCTION draws_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- the only change is the reveal, once
    IF TG_OP = 'UPDATE' AND OLD.state = 'committed' AND NEW.state = 'revealed'
        AND (NEW.id, NEW.department_id, NEW.area_id, NEW.start_day, NEW.plan, NEW.commitment,
             NEW.register_size, NEW.number_drawn, NEW.candidates, NEW.frozen, NEW.people, NEW.salt,
             NEW.seed, NEW.made_up_at, NEW.made_up_by)
        IS NOT DISTINCT FROM
            (OLD.id, OLD.department_id, OLD.area_id, OLD.start_day, OLD.plan, OLD.commitment,
             OLD.register_size, OLD.number_drawn, OLD.candidates, OLD.frozen, OLD.people, OLD.salt,
             OLD.seed, OLD.made_up_at, OLD.made_up_by)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a draw stays as it was made up';
END
$$;

CREATE TRIGGER draws_stay BEFORE UPDATE OR DELETE ON draws
FOR EACH ROW EXECUTE FUNCTION draws_stay();

-- Annual plans and campaigns; `plan` and `approval` are JSON.
CREATE TABLE inspection_plans (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    area_id TEXT COLLATE "C" REFERENCES areas (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('annual', 'campaign')),
    year BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'approved', 'filed', 'published', 'closed')),
    plan TEXT COLLATE "C" NOT NULL,
    drafted_at TIMESTAMP NOT NULL,
    drafted_by TEXT COLLATE "C" NOT NULL,
    approval TEXT COLLATE "C",
    filed_on DATE,
    published_on DATE,
    closed_because TEXT COLLATE "C",
    version BIGINT NOT NULL,
    CHECK ((state = 'closed') = (closed_because IS NOT NULL)),
    CHECK (state NOT IN ('approved', 'filed', 'published') OR approval IS NOT NULL),
    CHECK (state NOT IN ('filed', 'published') OR filed_on IS NOT NULL),
    CHECK (state <> 'published' OR published_on IS NOT NULL)
);

CREATE INDEX inspection_plans_by_department ON inspection_plans (department_id, year);
