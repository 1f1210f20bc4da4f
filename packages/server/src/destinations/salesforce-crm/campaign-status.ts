/** What the members of a segment's Campaign are shown as. */
export const memberStatus = 'Member';
/** What those are shown as that have left the segment and stay on the list. */
export const exitedStatus = 'Exited';
