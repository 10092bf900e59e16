export type InviteState = "open" | "expired" | "revoked" | "used_up";

interface InviteFacts {
  readonly maxUses: number | null;
  readonly uses: number;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Whether an invite still lets somebody in, or why not. What a person did about it comes before what time did. */
export function inviteState({ maxUses, uses, expiresAt, revokedAt }: InviteFacts, now: Date): InviteState {
  if (revokedAt) return "revoked";
  if (expiresAt && expiresAt <= now) return "expired";
  return maxUses !== null && uses >= maxUses ? "used_up" : "open";
}
