import { z } from "zod";
import {
  longestCriterion,
  longestReasonChoice,
  mostCriteria,
  mostReasonChoices,
  verdictStepChoices,
} from "../../domain/judging";
import { mostPracticePairs } from "../../domain/reference";
import { createProject, getOverview, getProject, listProjects, updateProject } from "../../services/projects.service";
import { instanceAdminProcedure, projectProcedure, router, userProcedure } from "../init";

const name = z.string().trim().min(1).max(200);
const description = z.string().trim().max(2_000);
/** A list of different names, each short enough for a button. */
const names = (most: number, longest: number) =>
  z
    .array(z.string().trim().min(1).max(longest))
    .max(most)
    .refine((list) => new Set(list).size === list.length, "names something twice");

export const projectsRouter = router({
  list: userProcedure.query(({ ctx }) => ({ projects: listProjects(ctx.app.db, ctx.user.id) })),
  create: instanceAdminProcedure
    .input(z.object({ name, description: description.optional() }))
    .mutation(({ ctx, input }) => ({ id: createProject(ctx.app.db, ctx.user.id, input) })),
  get: projectProcedure("annotator").query(({ ctx }) => getProject(ctx.app.db, ctx.access)),
  update: projectProcedure("admin")
    .input(
      z.object({
        name: name.optional(),
        description: description.optional(),
        overlap: z.number().int().min(1).max(20).optional(),
        allowBothBad: z.boolean().optional(),
        reasonRequired: z.boolean().optional(),
        verdictSteps: z
          .number()
          .refine((steps) => verdictStepChoices.some((n) => n === steps))
          .optional(),
        reasonChoices: names(mostReasonChoices, longestReasonChoice).optional(),
        criteria: names(mostCriteria, longestCriterion).optional(),
        changeMinutes: z.number().int().min(0).max(43_200).optional(),
        practicePairs: z.number().int().min(0).max(mostPracticePairs).optional(),
        leaseSeconds: z.number().int().min(60).max(86_400).optional(),
      }),
    )
    .mutation(({ ctx, input: { projectId: _, ...settings } }) => {
      updateProject(ctx.app.db, ctx.access, settings);
      return { ok: true };
    }),
  overview: projectProcedure("admin").query(({ ctx }) => getOverview(ctx.app.db, ctx.access)),
});
