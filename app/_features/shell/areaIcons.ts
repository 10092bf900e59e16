import {
  BookOpen,
  Boxes,
  ChartNoAxesColumn,
  Columns2,
  Database,
  FlaskConical,
  GraduationCap,
  LayoutList,
  type LucideIcon,
  Settings2,
  TrendingUp,
  Users,
} from "lucide-react";
import type { AreaKey } from "./navigation";

export const areaIcons: Record<AreaKey, LucideIcon> = {
  overview: ChartNoAxesColumn,
  compare: Columns2,
  items: LayoutList,
  guidelines: BookOpen,
  people: Users,
  datasets: Database,
  runs: TrendingUp,
  models: Boxes,
  playground: FlaskConical,
  learn: GraduationCap,
  settings: Settings2,
};
