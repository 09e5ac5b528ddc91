export { natsCommands, runDoctor, type DoctorRow } from './doctor.ts';
export { homeDir, readRunFile, type RunFile, type Secrets } from './home.ts';
