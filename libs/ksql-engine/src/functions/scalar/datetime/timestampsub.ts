import { timestampShift } from './shift.js';

export const timestampSub = timestampShift('TIMESTAMPSUB', 'A timestamp some time earlier.', -1);
