// The words of a cell's bar; words.js has those that it needs once it is used.

export const texts = {
  en: { cell: "petset: run this", run: "Run", apply: "Apply", edit: "Edit", picture: "Picture", open: "Open in playground", broken: "The cluster could not be loaded" },
  ko: { cell: "petset: 실행", run: "실행", apply: "적용", edit: "편집", picture: "그림", open: "플레이그라운드에서 열기", broken: "클러스터를 불러오지 못했어요" },
};
