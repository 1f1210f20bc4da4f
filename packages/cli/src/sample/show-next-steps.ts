import type { DataFolder } from '../programs/data-folder.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type SampleMember, sendCommand, showContactCommand } from './try-it.ts';

/** Prints where to look and what to try, after the ready line. */
export const showNextSteps = (
  options: {
    readonly serverUrl: string;
    readonly emulatorUrl: string;
    readonly folder: DataFolder;
    readonly member: SampleMember | undefined;
  },
  terminal: Terminal,
): void => {
  const { serverUrl, emulatorUrl, folder, member } = options;
  terminal.line(`Contacts in the emulated org: ${emulatorUrl}/`);
  if (member !== undefined) {
    terminal.line(
      `\nOne profile moves to ${member.city} (a record replaces the earlier one, so it is sent whole):\n`,
    );
    terminal.line(sendCommand(serverUrl, folder.ownerTokenFile, member));
    terminal.line('\nSee the Contact in Salesforce:\n');
    terminal.line(showContactCommand(emulatorUrl, member));
  }
  terminal.line('\nCtrl-C stops everything.');
};
