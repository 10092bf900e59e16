"use client";
import { useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";
import { Button } from "./Button";
import { CopyField } from "./CopyField";
import { Dialog } from "./Dialog";
import { ErrorNote } from "./ErrorNote";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** What the button says that makes it. */
  make: ReactNode;
  pending: boolean;
  error: Parameters<typeof ErrorNote>[0]["error"] | null;
  onSubmit: () => void;
  /** What was made: shown this once, for the server keeps only a fingerprint of it. Null before. */
  made: { readonly title: ReactNode; readonly lead: ReactNode; readonly label: string; readonly value: string } | null;
  /** The form's fields. */
  children: ReactNode;
}

/** Asks for what a secret or a link needs, makes it, and shows it to be copied. */
export function MakeDialog(props: Props) {
  const { open, onOpenChange, title, description, make, pending, error, onSubmit, made, children } = props;
  const common = useTranslations("common");
  const form = useId();
  if (made)
    return (
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={made.title}
        description={made.lead}
        footer={<Button onClick={() => onOpenChange(false)}>{common("close")}</Button>}
      >
        <CopyField label={made.label} value={made.value} />
      </Dialog>
    );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{common("cancel")}</Button>
          <Button type="submit" form={form} variant="primary" pending={pending}>
            {make}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        {error ? <ErrorNote error={error} /> : null}
      </form>
    </Dialog>
  );
}
