"use client";
import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { Input } from "@/app/_ui/Input";
import { Select } from "@/app/_ui/Select";
import { useDebounced } from "@/app/_ui/useDebounced";
import { type ItemFilters, itemStates } from "./itemFilters";

interface Props {
  filters: ItemFilters;
  onChange: (filters: ItemFilters) => void;
}

/** What is typed is searched for once the typing rests; a change from outside (back button, "clear") shows here too. */
export function ItemFiltersBar({ filters, onChange }: Props) {
  const t = useTranslations("items");
  const [typed, setTyped] = useState(filters.search);
  const settled = useDebounced(typed, 300);
  const latest = useRef({ filters, onChange });
  latest.current = { filters, onChange };

  useEffect(() => setTyped(filters.search), [filters.search]);
  useEffect(() => {
    const { filters: now, onChange: change } = latest.current;
    if (settled.trim() !== now.search) change({ ...now, search: settled.trim() });
  }, [settled]);

  return (
    <search aria-label={t("filters.label")} className="mb-4 flex flex-wrap gap-2">
      <span className="relative min-w-0 flex-1 basis-60">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
        />
        <Input
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          placeholder={t("filters.search")}
          aria-label={t("filters.search")}
          className="pl-9"
        />
      </span>
      <span className="w-full sm:w-48">
        <Select
          label={t("filters.state")}
          value={filters.state}
          onChange={(state) => onChange({ state, search: typed.trim() })}
          items={itemStates.map((state) => ({
            value: state,
            label: t(`state.${state}`),
            hint: t(`stateHint.${state}`),
          }))}
        />
      </span>
    </search>
  );
}
