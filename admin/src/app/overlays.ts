/** Where dialogs, menus and bubbles are put: inside the main landmark, as everything on the page should be. */
export const OVERLAYS_ID = 'overlays';

export const overlaysContainer = (): HTMLElement => document.getElementById(OVERLAYS_ID) ?? document.body;
