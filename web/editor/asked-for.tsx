// Dialogs that are loaded when somebody asks for them: a first screen shows none. Whoever shows one puts a Suspense around it.
import { lazy } from 'react';

export const NewPipelineDialog = lazy(async () => ({
  default: (await import('./list/new-pipeline-dialog.tsx')).NewPipelineDialog,
}));
export const MoveDialog = lazy(async () => ({
  default: (await import('./list/move-dialog.tsx')).MoveDialog,
}));
export const RemoveDialog = lazy(async () => ({
  default: (await import('./list/remove-dialog.tsx')).RemoveDialog,
}));
export const GroupDialog = lazy(async () => ({
  default: (await import('./tree/group-dialogs.tsx')).GroupDialog,
}));
export const ImportDialog = lazy(async () => ({
  default: (await import('./files/import-dialog.tsx')).ImportDialog,
}));
