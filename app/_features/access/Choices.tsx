"use client";

interface Props<V extends string> {
  label: string;
  choices: readonly { readonly value: V; readonly label: string }[];
  chosen: readonly V[];
  onChange: (chosen: V[]) => void;
  /** What is wrong with the choice. */
  error?: string | undefined;
}

/** Any number of a few things. */
export function Choices<V extends string>({ label, choices, chosen, onChange, error }: Props<V>) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">{label}</legend>
      {choices.map(({ value, label: words }) => (
        <label key={value} className="flex min-h-8 items-center gap-2.5 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) =>
              onChange(event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value))
            }
            className="size-4 shrink-0 accent-accent"
          />
          {words}
        </label>
      ))}
      {error ? (
        <p role="alert" className="mt-1 text-[13px] font-medium text-danger">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
