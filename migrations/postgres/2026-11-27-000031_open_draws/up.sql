-- Draws that are made up and not revealed, by department and item: one at a time.
CREATE TABLE open_draws (
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    item_id TEXT COLLATE "C" NOT NULL REFERENCES items (id),
    -- taken before anything else is looked at; the draw itself is there when the transaction ends
    draw_id TEXT COLLATE "C" NOT NULL REFERENCES draws (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (department_id, item_id)
);

CREATE INDEX open_draws_by_draw ON open_draws (draw_id);

-- where there are several by now, the first holds the place
INSERT INTO open_draws
SELECT draws.department_id, draw_items.item_id, min(draws.id)
FROM draws JOIN draw_items ON draw_items.draw_id = draws.id
WHERE draws.state = 'committed'
GROUP BY draws.department_id, draw_items.item_id;
