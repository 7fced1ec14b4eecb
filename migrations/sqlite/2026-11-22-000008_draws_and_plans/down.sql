DROP TABLE inspection_plans;
DROP TABLE draw_lots;
DROP TABLE draw_items;
DROP TABLE draws;
