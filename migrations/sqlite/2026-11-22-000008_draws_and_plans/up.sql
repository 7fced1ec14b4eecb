-- Random draws, and plans of inspection that are approved, filed and published.

-- `plan`, `register_size`, `number_drawn`, `people` (inspector by what stands for him or her) and
-- `result` are JSON; `frozen` is the canonical text that the commitment goes over. `seed` is told when
-- the draw is revealed, `salt` and `people` never.
CREATE TABLE draws (
    id TEXT NOT NULL PRIMARY KEY,
    department_id TEXT NOT NULL REFERENCES departments (id),
    area_id TEXT REFERENCES areas (id),
    start_day TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('committed', 'revealed')),
    plan TEXT NOT NULL,
    commitment TEXT NOT NULL,
    register_size TEXT NOT NULL,
    number_drawn TEXT NOT NULL,
    candidates INTEGER NOT NULL,
    salt TEXT NOT NULL,
    seed TEXT NOT NULL,
    made_up_at TEXT NOT NULL,
    made_up_by TEXT NOT NULL,
    revealed_at TEXT,
    revealed_by TEXT,
    -- the large ones last: whoever reads what stands before them does not read through them
    frozen TEXT NOT NULL,
    people TEXT NOT NULL,
    result TEXT,
    CHECK ((state = 'revealed') = (result IS NOT NULL)),
    CHECK ((state = 'revealed') = (revealed_at IS NOT NULL)),
    CHECK ((state = 'revealed') = (revealed_by IS NOT NULL))
) STRICT;

CREATE INDEX draws_by_department ON draws (department_id, start_day);

CREATE TABLE draw_items (
    draw_id TEXT NOT NULL REFERENCES draws (id),
    item_id TEXT NOT NULL REFERENCES items (id),
    PRIMARY KEY (draw_id, item_id)
) STRICT;

CREATE INDEX draw_items_by_item ON draw_items (item_id);

-- The enterprises of each revealed draw.
CREATE TABLE draw_lots (
    draw_id TEXT NOT NULL REFERENCES draws (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    PRIMARY KEY (draw_id, enterprise_id)
) STRICT;

CREATE TRIGGER draws_stay BEFORE DELETE ON draws BEGIN
    SELECT RAISE(ABORT, 'a draw stays as it was made up');
END;

-- INSERT OR REPLACE would delete without the trigger above
CREATE TRIGGER draws_are_not_replaced BEFORE INSERT ON draws
WHEN EXISTS (SELECT 1 FROM draws WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'a draw stays as it was made up');
END;

-- the only change is the reveal, once
CREATE TRIGGER draws_do_not_change BEFORE UPDATE ON draws
WHEN OLD.state <> 'committed' OR NEW.state <> 'revealed'
    OR NEW.id IS NOT OLD.id OR NEW.department_id IS NOT OLD.department_id
    OR NEW.area_id IS NOT OLD.area_id OR NEW.start_day IS NOT OLD.start_day
    OR NEW.plan IS NOT OLD.plan OR NEW.commitment IS NOT OLD.commitment
    OR NEW.register_size IS NOT OLD.register_size OR NEW.number_drawn IS NOT OLD.number_drawn
    OR NEW.candidates IS NOT OLD.candidates OR NEW.frozen IS NOT OLD.frozen
    OR NEW.people IS NOT OLD.people OR NEW.salt IS NOT OLD.salt OR NEW.seed IS NOT OLD.seed
    OR NEW.made_up_at IS NOT OLD.made_up_at OR NEW.made_up_by IS NOT OLD.made_up_by
BEGIN
    SELECT RAISE(ABORT, 'a draw stays as it was made up');
END;

-- Annual plans and campaigns; `plan` and `approval` are JSON.
CREATE TABLE inspection_plans (
    id TEXT NOT NULL PRIMARY KEY,
    department_id TEXT NOT NULL REFERENCES departments (id),
    area_id TEXT REFERENCES areas (id),
    kind TEXT NOT NULL CHECK (kind IN ('annual', 'campaign')),
    year INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'filed', 'published', 'closed')),
    plan TEXT NOT NULL,
    drafted_at TEXT NOT NULL,
    drafted_by TEXT NOT NULL,
    approval TEXT,
    filed_on TEXT,
    published_on TEXT,
    closed_because TEXT,
    version INTEGER NOT NULL,
    CHECK ((state = 'closed') = (closed_because IS NOT NULL)),
    CHECK (state NOT IN ('approved', 'filed', 'published') OR approval IS NOT NULL),
    CHECK (state NOT IN ('filed', 'published') OR filed_on IS NOT NULL),
    CHECK (state <> 'published' OR published_on IS NOT NULL)
) STRICT;

CREATE INDEX inspection_plans_by_department ON inspection_plans (department_id, year);
