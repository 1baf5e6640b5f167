import { Expert } from './expert.ts';
import { PilotTeacher } from './pilot-teacher.ts';
import type { Simulator } from './simulator.ts';
import type { Task } from './tasks/index.ts';
import type { Teacher } from './teacher.ts';

const MAKERS = {
  expert: (simulator: Simulator, task: Task): Teacher => new Expert(simulator, task),
  pilot: (simulator: Simulator): Teacher => new PilotTeacher(simulator),
};

export type TeacherName = keyof typeof MAKERS;

/** Every teacher, by name. */
export const TEACHERS = Object.keys(MAKERS) as [TeacherName, ...TeacherName[]];

/** The teacher of this name for all vehicles of a simulator. */
export function openTeacher(name: TeacherName, simulator: Simulator, task: Task): Teacher {
  return MAKERS[name](simulator, task);
}
