// Short news at the bottom of the page, read out too, gone by itself. What somebody must act on is a banner instead.
import { createNews, type News } from './news.ts';

const board = createNews((ms, run) => void setTimeout(run, ms));

export const news = board.shown;
export const dismiss = board.dismiss;
export const holdNews = board.hold;

export function announce(text: string, action?: News['action']): void {
  board.tell(text, action);
}
