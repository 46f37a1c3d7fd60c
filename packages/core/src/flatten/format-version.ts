/**
 * Goes up with every change of the engine that changes the bytes it makes of the same image and options, so that
 * artifacts made before are not taken for its own.
 */
export const formatVersion = 1;
